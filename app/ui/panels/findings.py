"""The findings panel: what the check found, why, and the repair."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.model import edits
from app.model.design import Design
from app.model.links import Waiver
from app.model.rule_settings import DEFAULT
from app.rules.registry import CATEGORIES, SEVERITIES, Finding
from app.ui.document import Document
from app.ui.panels.chips import Chips
from app.ui.panels.finding_rows import FindingRows, FindingsList, can_fix, sentence
from app.ui.panels.fix_bar import FixBar
from app.ui.theme import Theme, current_theme

AskWaiver = Callable[[Finding], Waiver | None]


class FindingsPanel(QWidget):
    """Lists the findings of a document; offers to show, to repair and to waive each."""

    evidence_wanted = Signal(object)  # a witness to draw, or None
    centre_wanted = Signal(object)  # ids to bring into view
    preview_wanted = Signal(object)  # the design that a fix would make, or None
    said = Signal(str)  # a sentence for the status bar
    rules_wanted = Signal(str)  # the id of a rule to show among those of the design

    def __init__(self, document: Document, ask_waiver: AskWaiver) -> None:
        """Follow a document; `ask_waiver` asks the user why a finding is accepted."""
        super().__init__()
        self.setObjectName("findings")
        self._document = document
        self._ask_waiver = ask_waiver
        self._findings: tuple[Finding, ...] | None = None
        self.rows = FindingRows()
        self.list = FindingsList(self.rows)
        self.bar = FixBar(document)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter findings")
        self.filter.setAccessibleName("Filter findings")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(180)
        self.filters = Chips()
        self.chips = self.filters.chips
        self.empty = QLabel()
        self.empty.setObjectName("muted")
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.details = QTextBrowser()
        self.details.setAccessibleName("About this finding")
        self.details.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.details.setOpenExternalLinks(True)
        self._arrange()
        self._connect()
        self._refresh()

    def _arrange(self) -> None:
        title = QLabel("Findings")
        title.setObjectName("panelTitle")
        header = QHBoxLayout()
        header.setContentsMargins(16, 8, 12, 4)
        header.setSpacing(6)
        header.addWidget(title)
        header.addSpacing(8)
        header.addWidget(self.filters, 1)
        header.addWidget(self.filter)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.empty)
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.setChildrenCollapsible(False)
        self.columns.addWidget(self.pages)
        self.columns.addWidget(self.details)
        self.columns.setStretchFactor(0, 1)
        self.columns.setSizes([1000, 300])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.bar)
        column.addWidget(self.columns, 1)
        self.list.setContentsMargins(8, 0, 8, 8)
        self.list.setStyleSheet("QListView { padding: 0 8px; }")

    def _connect(self) -> None:
        self._document.changed.connect(lambda *_: self.bar.end())
        self.filters.changed.connect(self._refresh)
        self.filter.textChanged.connect(lambda _: self._refresh())
        self.list.hovered.connect(self._hover)
        self.list.chosen.connect(self._choose)
        self.list.fix_wanted.connect(self._offer)
        self.list.waive_wanted.connect(self._waive)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_details())
        self.bar.preview_wanted.connect(self.preview_wanted)
        self.bar.applied.connect(self.said)
        self.bar.steps_shown.connect(self.columns.setHidden)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"""
            QLabel#panelTitle {{ font-size: 14px; font-weight: 600; }}
            QToolButton#chip {{ background: {theme.background}; color: {theme.text};
                border: 1px solid transparent; border-radius: 12px; padding: 2px 9px;
                font-size: 12px; }}
            QToolButton#chip:hover {{ background: {theme.hover}; }}
            QToolButton#chip:checked {{ border-color: {theme.accent}; color: {theme.accent}; }}
            QToolButton#chip:focus {{ border-color: {theme.accent}; }}
            QTextBrowser {{ background: {theme.panel}; padding: 4px 12px;
                border-left: 1px solid {theme.line}; }}
            QSplitter::handle {{ background: transparent; }}
            """
        )
        self.bar.set_theme(theme)
        self._count()
        self._show_details()
        self.list.viewport().update()

    # --- what is shown ----------------------------------------------------------------------

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the last check."""
        return self._findings or ()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show what a check found; the current finding stays current if it is still there."""
        self._findings = tuple(findings)
        self._refresh()

    def _refresh(self) -> None:
        kept, row = self.list.current, self.list.currentIndex().row()
        self.rows.show(self._chosen())
        self.list.doItemsLayout()  # not at a timer: painted in one frame with what is beside it
        shown = self.rows.findings
        self._count()
        self.pages.setCurrentIndex(0 if shown else 1)
        self.empty.setText("" if shown else self._nothing())
        if kept is not None and not self.select(kept.key) and shown:
            self.list.set_current(min(row, len(shown) - 1))  # what comes next moves up
        self._show_details()

    def _chosen(self) -> list[Finding]:
        """Return the findings that chips and filter let through; the waived ones come last."""
        severities = {name for name in SEVERITIES if self.chips[name].isChecked()}
        categories = {name for name in CATEGORIES if self.chips[name].isChecked()}
        words = self.filter.text().lower().split()
        shown = [
            finding
            for finding in self.findings
            if (not severities or finding.rule.severity in severities)
            and (not categories or finding.rule.category in categories)
            and (not words or _has(finding, words))
        ]
        return sorted(shown, key=lambda finding: finding.waiver is not None)

    def _count(self) -> None:
        rules = [finding.rule for finding in self.findings if finding.waiver is None]
        counts: Counter[str] = Counter(rule.severity for rule in rules)
        counts.update(rule.category for rule in rules)
        self.filters.show_counts(counts)

    def _nothing(self) -> str:
        design = self._document.design
        if self.findings:
            return "No finding matches the filter."
        if not design.components:
            return "Nothing to check yet. Findings appear here while you draw."
        if self._findings is None:
            return "Checking…"
        looked = ", ".join(title[:1].lower() + title[1:] for title in list(CATEGORIES.values())[:4])
        return (
            f"Everything is in order. Looked for {looked} and more, in {len(design.components)} "
            f"parts, {len(design.links)} links and {len(design.flows)} flows."
        )

    def _show_details(self) -> None:
        finding = self.list.current
        self.details.setVisible(finding is not None)
        if finding is not None:
            self.details.setHtml(_page(finding, current_theme()))

    # --- walking through them ---------------------------------------------------------------

    def select(self, key: str) -> bool:
        """Make the finding with a key the current one; False if it is not shown."""
        for row, finding in enumerate(self.rows.findings):
            if finding.key == key:
                self.list.set_current(row)
                return True
        return False

    def go_to(self, key: str) -> None:
        """Show the finding with a key, whatever the filters say."""
        if not self.select(key):
            self._clear_filters()
            self.select(key)
        if self.list.current is not None:
            self._choose(self.list.current)

    def about(self, element_id: str) -> None:
        """Show the worst finding about a part or link."""
        for finding in self.findings:
            if element_id in finding.problem.subjects and finding.waiver is None:
                self.go_to(finding.key)
                return

    def show_only(self, category: str) -> None:
        """Show the findings of one category."""
        self._clear_filters()
        self.chips[category].setChecked(True)

    def _clear_filters(self) -> None:
        self.filter.clear()
        for chip in self.chips.values():
            chip.setChecked(False)

    def step(self, by: int) -> None:
        """Go to another finding and show it; after the last comes the first."""
        count = len(self.rows.findings)
        if not count:
            self.said.emit(self.empty.text())
            return
        row = self.list.currentIndex().row()
        following = (row + by) % count if row >= 0 else (0 if by > 0 else count - 1)
        self.list.set_current(following)
        self._choose(self.rows.findings[following])

    def _hover(self, finding: Finding | None) -> None:
        shown = finding or self.list.current
        self.evidence_wanted.emit(shown.problem.witness if shown else None)

    def _choose(self, finding: Finding) -> None:
        witness = finding.problem.witness
        self.evidence_wanted.emit(witness)
        self.centre_wanted.emit(finding.problem.subjects or witness.path)
        self.said.emit(finding.problem.message)

    # --- repair and waive -------------------------------------------------------------------

    def fix_current(self) -> None:
        """Preview the repair of the current finding; the only one, or one from a menu."""
        finding = self.list.current
        if finding is None and self.rows.findings:
            self.list.set_current(0)
            finding = self.list.current
        if finding is None or not can_fix(finding):
            self.said.emit("No repair is offered for this finding." if finding else "No finding.")
            return
        self._offer(finding, self.list.mapToGlobal(self.list.rect().center()))

    def waive_current(self) -> None:
        """Accept the current finding, or take the acceptance back."""
        if self.list.current is not None:
            self._waive(self.list.current)

    def _offer(self, finding: Finding, at: QPoint) -> None:
        fixes = finding.problem.fixes
        self.select(finding.key)
        if len(fixes) == 1:
            self.bar.begin(finding, fixes[0])
            return
        menu = self.fix_menu(finding)
        menu.popup(at)

    def fix_menu(self, finding: Finding) -> QMenu:
        """Return the menu of the repairs of a finding."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for fix in finding.problem.fixes:
            menu.addAction(fix.title, partial(self.bar.begin, finding, fix))
        return menu

    def _show_menu(self, at: QPoint) -> None:
        finding = self.list.current
        if finding is not None and self.list.indexAt(at).isValid():
            self.row_menu(finding).popup(self.list.viewport().mapToGlobal(at))

    def row_menu(self, finding: Finding) -> QMenu:
        """Return what can be done about a finding and the rule that found it."""
        rule_id = finding.rule.id
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        waive = "Take back the waiver" if finding.waiver is not None else "Waive this finding…"
        menu.addAction(waive, partial(self._waive, finding))
        menu.addSeparator()
        menu.addAction(f"Turn {rule_id} off for this design", partial(self._turn_off, rule_id))
        severities = menu.addMenu("Change its severity")
        for severity in ("default", *SEVERITIES):
            text = "As the rule says" if severity == "default" else severity.capitalize()
            action = severities.addAction(text, partial(self._set_severity, rule_id, severity))
            action.setCheckable(True)
            settings = self._document.design.rules.get(rule_id, DEFAULT)
            action.setChecked(severity == settings.severity)
        menu.addSeparator()
        menu.addAction("Rules of this design…", partial(self.rules_wanted.emit, rule_id))
        return menu

    def _turn_off(self, rule_id: str) -> None:
        after = edits.set_rule(self._document.design, rule_id, off=True)
        self._document.apply(f"Turn off {rule_id}", after)
        self.said.emit(f"{rule_id} is off for this design; “Rules of this design…” turns it on.")

    def _set_severity(self, rule_id: str, severity: str) -> None:
        after = edits.set_rule(self._document.design, rule_id, severity=severity)
        self._document.apply(f"Set the severity of {rule_id}", after)

    def _waive(self, finding: Finding) -> None:
        self.select(finding.key)
        design: Design = self._document.design
        if finding.waiver is not None:
            after = edits.waive(design, finding.key, None)
            self._document.apply(f"Take back the waiver of {finding.rule.id}", after)
            return
        waiver = self._ask_waiver(finding)
        if waiver is not None:
            after = edits.waive(self._document.design, finding.key, waiver)
            self._document.apply(f"Waive {finding.rule.id}", after)


def _has(finding: Finding, words: Sequence[str]) -> bool:
    text = sentence(finding).lower()
    return all(word in text for word in words)


def _page(finding: Finding, theme: Theme) -> str:
    """Return what is known about a finding as a page."""
    from html import escape

    rule = finding.rule
    waiver = finding.waiver
    accepted = ""
    if waiver is not None:
        told = [waiver.reason, f"by {waiver.by}" if waiver.by else "",
                f"until {waiver.until}" if waiver.until else ""]  # fmt: skip
        accepted = f"<p><b>Waived:</b> {escape(', '.join(filter(None, told)))}</p>"
    read = "".join(f"<li>{_linked(text, theme)}</li>" for text in rule.references)
    muted = f'style="color:{theme.muted}"'
    return (
        f"<p><b>{escape(rule.title)}</b> <span {muted}>{escape(rule.id)} {escape(rule.name)}"
        f"</span></p>{accepted}<p>{escape(finding.problem.message)}</p>"
        f"<p>{escape(rule.student)}</p><p {muted}>{escape(rule.explanation)}</p>"
        f"<p {muted}>Read more</p><ul {muted}>{read}</ul>"
    )


def _linked(reference: str, theme: Theme) -> str:
    from html import escape

    from app.rules.references import page_of

    page = page_of(reference)
    text = escape(reference)
    return f'<a href="{escape(page)}" style="color:{theme.accent}">{text}</a>' if page else text
