"""The inspector: a form made from the fields of what is selected, and what its parts mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from app.model.fields import FieldFacts, fields_of
from app.ui.document import Document
from app.ui.live_figures import LiveFigures
from app.ui.panels.form import Form, Section
from app.ui.panels.overview import Overview
from app.ui.panels.part_figures import PartFigures
from app.ui.panels.reasons import Reasons

PARTS = ("components", "links", "flows")
HIDDEN = frozenset(("kind", "requires"))
RELIABILITY = frozenset(("availability", "mtbf_hours", "mttr_hours"))
PLACEMENT = frozenset(("parent",))
SAFETY = frozenset(
    ("restart", "runs_as", "listens", "limits", "credentials", "at_rest", "accepts", "lag",
     "renewal", "auth", "verify", "own_metrics")
)  # fmt: skip
WHY = frozenset(("description",))


class Inspector(QScrollArea):
    """Shows and edits the selected components or links; several of them at once as well."""

    finding_requested = Signal(str)  # key of a finding that was clicked
    part_chosen = Signal(str)  # a part that was named and clicked
    evidence_wanted = Signal(object)  # a Witness: the way that a part rests on

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        """Follow a document."""
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._document = document
        self._ids: tuple[str, ...] = ()
        self._form: Form | None = None
        self._reasons = Reasons(document)
        self._reasons.finding_requested.connect(self.finding_requested)
        self.overview = Overview(document)
        self.overview.part_chosen.connect(self.part_chosen)
        self.part_figures = PartFigures(document)
        self.part_figures.evidence_wanted.connect(self.evidence_wanted)
        self._figures: LiveFigures | None = None
        self._shown_for: tuple[object, ...] = ()
        body = QWidget()
        body.setObjectName("inspectorBody")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(12)
        self._column.addWidget(self.overview)
        self._column.addWidget(self._reasons)
        self._column.addWidget(self.part_figures)
        self._column.addStretch(1)
        self.setWidget(body)
        document.changed.connect(self._follow)
        self._rebuild()

    @property
    def form(self) -> Form | None:
        """The form of the selection, or None when nothing is selected."""
        return self._form

    def show_selection(self, ids: Sequence[str]) -> None:
        """Show these components or links; nothing selected shows the design."""
        self._ids = tuple(ids)
        self._refresh()

    def show_findings(self, findings: Sequence[Any]) -> None:
        """Tell what the check found, so that the findings of the selection can be listed."""
        self._reasons.show_findings(findings)
        self.overview.show_findings(findings)

    def show_analysis(self, analysis: Any) -> None:
        """Tell what the analysis knows of the design, for the requirement in words."""
        self._reasons.show_analysis(analysis)
        self.overview.show_analysis(analysis)

    def join(self, figures: LiveFigures) -> None:
        """Show the figures of the flows, and what the selected part means to them."""
        self._figures = figures
        figures.figures_changed.connect(self.overview.show_figures)
        figures.figures_changed.connect(self.part_figures.show_figures)
        figures.triples_found.connect(self.overview.show_triples)
        self.overview.triples_wanted.connect(figures.find_triples)
        figures.explained.connect(self.part_figures.explain)
        self._ask()

    def _ask(self) -> None:
        """Ask what the selected part means to the flows."""
        alone = self._ids[0] if len(self._ids) == 1 else ""
        self.part_figures.forget()
        if self._figures is not None:
            design = self._document.design
            known = alone in design.components or alone in design.links
            self._figures.explain(alone if known else "")

    def _follow(self, before: Design, after: Design) -> None:
        if before.layout is not after.layout and _same_meaning(before, after):
            return
        if not _same_meaning(before, after):
            self.overview.show_figures({})  # those of the design as it was
            self.part_figures.show_figures({})
        self._refresh()

    def _refresh(self) -> None:
        design = self._document.design
        self._ids = tuple(key for key in self._ids if _element(design, key) is not None)
        elements = [_element(design, key) for key in self._ids]
        signature = (self._ids, tuple(type(element) for element in elements))
        if signature != self._shown_for:
            self._rebuild()
        elif self._form is not None:
            self._form.show_elements(design, self._ids, elements)
        self._reasons.show_selection(self._ids)
        self._ask()
        self.overview.setVisible(not self._ids)
        if not self._ids:
            self.overview.refresh()

    def _rebuild(self) -> None:
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.hide()
            # The form may be the sender of the signal that led here.
            QTimer.singleShot(0, self._form.deleteLater)
            self._form = None
        design = self._document.design
        elements = [_element(design, key) for key in self._ids]
        self._shown_for = (self._ids, tuple(type(element) for element in elements))
        if elements:
            self._form = Form(_sections([type(element) for element in elements]))
            self._form.edited.connect(self._apply)
            self._column.insertWidget(0, self._form)
            self._form.show_elements(design, self._ids, elements)

    def _apply(self, field: str, value: object) -> None:
        """Set a field of everything selected, as one step; typing in one field merges."""
        form = self._form
        if form is None:
            return
        try:
            after = self._document.design
            for key in self._ids:
                after = _with_field(after, key, field, value)
        except DesignError as error:
            form.show_error(field, _sentence(str(error)))
            return
        form.show_error(field, "")
        label = form.facts(field).label.lower()
        typed = form.facts(field).type in ("text", "integer", "number")
        merge = ("field", self._ids, field) if typed else None
        self._document.apply(f"Set {label}", after, merge)


def _with_field(design: Design, key: str, field: str, value: object) -> Design:
    if field == "parent" and value is not None:
        return edits.nest(design, (key,), str(value))
    if field == "members" and isinstance(value, tuple):
        return edits.join(design, key, value)
    if getattr(_element(design, key), field) == value:
        return design
    return edits.set_fields(design, key, **{field: value})


def _same_meaning(before: Design, after: Design) -> bool:
    return all(getattr(before, name) is getattr(after, name) for name in (*PARTS, "waivers"))


def _element(design: Design, key: str) -> object | None:
    for name in PARTS:
        mapping: Mapping[str, object] = getattr(design, name)
        if key in mapping:
            return mapping[key]
    return None


def _sections(classes: Sequence[type]) -> list[Section]:
    """The fields that all of the classes share, in the sections of the form."""
    first, *others = classes
    shared = [
        facts
        for facts in fields_of(first)
        if facts.name not in HIDDEN and all(facts in fields_of(other) for other in others)
    ]
    if others:
        shared = [facts for facts in shared if facts.name not in ("name", "members")]
    special = RELIABILITY | PLACEMENT | SAFETY | WHY
    return [
        Section("", _of(shared, {"name"} - special) + _rest(shared, special)),
        Section("Placement", _of(shared, PLACEMENT)),
        Section("Reliability", _of(shared, RELIABILITY)),
        Section("Operation and security", _of(shared, SAFETY)),
        Section("Why it is here", _of(shared, WHY)),
    ]


def _of(shared: list[FieldFacts], names: "set[str] | frozenset[str]") -> list[FieldFacts]:
    return [facts for facts in shared if facts.name in names]


def _rest(shared: list[FieldFacts], special: frozenset[str]) -> list[FieldFacts]:
    return [facts for facts in shared if facts.name not in special | {"name"}]


def _sentence(message: str) -> str:
    _, _, why = message.partition(": ")
    text = why or message
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
