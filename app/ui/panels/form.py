"""The form of the inspector: sections of fields, with what a choice means under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.analysis import events
from app.model.design import Design
from app.model.edits import is_container
from app.model.explanations import explanation
from app.model.fields import FieldFacts
from app.model.kinds import KINDS
from app.model.links import Link
from app.model.profiles import profiles
from app.model.traits import Trait
from app.ui.icons import pixmap
from app.ui.panels.editors import (
    ChoiceEditor,
    Editor,
    FlagEditor,
    IdsEditor,
    ProfiledEditor,
    editor_for,
)
from app.ui.theme import current_theme

PICTURE = (96, 64)  # pixels at 100 %


@dataclass(frozen=True, slots=True)
class Section:
    """A title, empty for the first one, and the fields under it."""

    title: str
    fields: Sequence[FieldFacts]


class Form(QWidget):
    """Editors for the fields that all selected elements share."""

    edited = Signal(str, object)  # field and value

    def __init__(self, sections: Sequence[Section]) -> None:
        """Make the editors; values come with `show_elements`."""
        super().__init__()
        self._facts = {facts.name: facts for section in sections for facts in section.fields}
        self._editors: dict[str, Editor] = {}
        self._explanations: dict[str, Explained] = {}
        self._shown: dict[str, list[object]] = {}
        self._rows: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._heading = Heading()
        column.addWidget(self._heading)
        for section in sections:
            self._add(column, section)

    def _add(self, column: QVBoxLayout, section: Section) -> None:
        if not section.fields:
            return
        if section.title:
            title = QLabel(section.title.upper())
            title.setObjectName("sectionTitle")
            column.addSpacing(6)
            column.addWidget(title)
        for facts in section.fields:
            self._rows[facts.name] = self._field(facts)
            column.addWidget(self._rows[facts.name])

    def _field(self, facts: FieldFacts) -> QWidget:
        """Return the label of a field, its editor, and what the chosen value means."""
        field = QWidget()
        rows = QVBoxLayout(field)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        editor = self._editors[facts.name] = editor_for(facts)
        editor.edited.connect(lambda value, name=facts.name: self.edited.emit(name, value))
        if not isinstance(editor, FlagEditor):
            label = QLabel(facts.label)
            label.setObjectName("fieldLabel")
            label.setToolTip(facts.help)
            label.setBuddy(editor)
            rows.addWidget(label)
        rows.addWidget(editor)
        if facts.type == "choice":
            self._explanations[facts.name] = Explained()
            rows.addWidget(self._explanations[facts.name])
        return field

    def editor(self, field: str) -> Editor:
        """Return the editor of a field."""
        return self._editors[field]

    def facts(self, field: str) -> FieldFacts:
        """Return what is known about a field."""
        return self._facts[field]

    def show_error(self, field: str, message: str) -> None:
        """Say under a field what is wrong with it."""
        self._editors[field].show_error(message)

    def show_elements(
        self, design: Design, ids: Sequence[str], elements: Sequence[object | None]
    ) -> None:
        """Show the values of the elements, where they differ as such.

        A field that counts for none of them, as they are now, is not shown; its value is kept.
        """
        self._heading.show_elements(ids, elements)
        for name, editor in self._editors.items():
            self._rows[name].setVisible(any(self._facts[name].counts(e) for e in elements))
            values = [getattr(element, name) for element in elements]
            mixed = any(value != values[0] for value in values)
            self._offer(design, ids, elements, editor)
            # What was refused stays, with the reason, until it is mended or the value is another.
            if not editor.error or values != self._shown.get(name):
                editor.show_error("")
                editor.show_value(values[0], mixed=mixed)
            self._shown[name] = values
            if name in self._explanations:
                kind = getattr(elements[0], "kind", "link")
                self._explanations[name].show_choice(kind, name, "" if mixed else values[0])

    def _offer(
        self,
        design: Design,
        ids: Sequence[str],
        elements: Sequence[object | None],
        editor: Editor,
    ) -> None:
        """Offer the parts that a field may name; they change with the design."""
        name = editor.facts.name
        if isinstance(editor, ProfiledEditor):
            editor.show_figures(_known_figures(elements))
        if isinstance(editor, ChoiceEditor) and editor.facts.type == "id":
            editor.show_options(_ends(design) if name != "parent" else _holders(design, ids))
        elif isinstance(editor, IdsEditor):
            editor.show_options(_guards(design) if name == "via" else _members(design, ids[0]))


class Heading(QWidget):
    """What is selected: icon, kind and what the kind is for."""

    def __init__(self) -> None:
        """Make the lines; they are filled by `show_elements`."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(12)
        self._picture = QLabel()
        self._picture.setFixedSize(32, 32)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._title = QLabel()
        self._title.setObjectName("inspectorTitle")
        self._title.setWordWrap(True)
        self._summary = QLabel()
        self._summary.setObjectName("muted")
        self._summary.setWordWrap(True)
        words.addWidget(self._title)
        words.addWidget(self._summary)
        row.addLayout(words, 1)

    def show_elements(self, ids: Sequence[str], elements: Sequence[object | None]) -> None:
        """Name one element by its kind, several by their number."""
        first = elements[0]
        kinds = {getattr(element, "kind", "") for element in elements}
        name = kinds.pop() if len(kinds) == 1 else ""
        if isinstance(first, Link) and len(elements) == 1:
            title, summary, name = "Link", "A connection that one part opens to another.", "ui_link"
        elif name in KINDS:
            cls = KINDS[name]
            count = "" if len(ids) == 1 else f"{len(ids)} × "
            title, summary = f"{count}{cls.title}", cls.summary
        else:
            title, summary, name = f"{len(ids)} selected", "Set the fields they share.", "ui_copy"
        self._title.setText(title)
        self._summary.setText(summary)
        colour = current_theme().accent
        self._picture.setPixmap(pixmap(name, colour, 32, self.devicePixelRatioF()))


class Explained(QWidget):
    """What the chosen value means: a picture and two sentences."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(10)
        self.setObjectName("explained")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._picture = QLabel()
        self._words = QLabel()
        self._words.setObjectName("muted")
        self._words.setWordWrap(True)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    def show_choice(self, kind: str, field: str, choice: str) -> None:
        """Explain a choice, or hide where there is nothing to explain."""
        told = explanation(kind, field, choice)
        self.setVisible(told is not None)
        if told is None:
            return
        self._words.setText(told.text)
        self._picture.setVisible(bool(told.picture))
        if told.picture:
            colour = current_theme().accent
            ratio = self.devicePixelRatioF()
            self._picture.setPixmap(pixmap(told.picture, colour, PICTURE, ratio))


def _known_figures(elements: Sequence[object | None]) -> list[tuple[str, float, str]]:
    kinds = {getattr(element, "kind", "") for element in elements}
    kind = kinds.pop()
    if kinds or kind not in KINDS:
        return []
    return [(item.label, item.availability, item.source) for item in profiles(kind, KINDS[kind])]


def _holders(design: Design, ids: Sequence[str]) -> dict[str, str]:
    inside = {key for own in ids for key in (own, *design.descendants(own))}
    return {
        key: f"{item.name} ({item.title.lower()})"
        for key, item in design.components.items()
        if is_container(item) and key not in inside
    }


def _ends(design: Design) -> dict[str, str]:
    return {key: item.name for key, item in design.components.items()}


def _guards(design: Design) -> dict[str, str]:
    return {
        key: item.name
        for key, item in design.components.items()
        if Trait.FILTERS_TRAFFIC in item.traits
    }


def _members(design: Design, cluster: str) -> dict[str, str]:
    """Offer the members of a cluster first, then what is like them, then the rest."""
    members = getattr(design.components[cluster], "members", ())
    kinds = {design.components[member].kind for member in members}

    def distance(key: str) -> int:
        return 0 if key in members else 1 if design.components[key].kind in kinds else 2

    keys = [
        key
        for key, item in design.components.items()
        if events.fails(item) and not is_container(item) and key != cluster
    ]
    items = {key: design.components[key] for key in sorted(keys, key=distance)}
    return {key: f"{item.name} ({item.title.lower()})" for key, item in items.items()}
