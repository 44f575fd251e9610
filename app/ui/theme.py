"""Colours of the two themes, and how they become the application's palette and style sheet."""

from typing import NamedTuple

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

import assets

FONT_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")


class Theme(NamedTuple):
    """Colours by what they are for, as #rrggbb; contrast of text is at least 4.5 : 1."""

    name: str
    background: str
    panel: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    critical: str
    high: str
    medium: str
    low: str
    info: str
    good: str
    request: str
    read: str
    write: str
    replicate: str
    operation: str
    server: str
    server_line: str
    zone: str
    zone_line: str
    site: str
    site_line: str
    grid: str
    hover: str

    @property
    def dark(self) -> bool:
        """Whether light text stands on dark ground."""
        return self.name == "dark"

    def severity(self, name: str) -> str:
        """Return the colour of a severity; waived findings are muted."""
        return {
            "critical": self.critical,
            "high": self.high,
            "medium": self.medium,
            "low": self.low,
            "info": self.info,
        }.get(name, self.muted)

    def role(self, name: str) -> str:
        """Return the colour of a link by its role."""
        return {
            "request": self.request,
            "resolve": self.request,
            "read": self.read,
            "cache": self.read,
            "consume": self.read,
            "write": self.write,
            "publish": self.write,
            "replicate": self.replicate,
        }.get(name, self.operation)

    def tint(self, group: str) -> str:
        """Return the colour of the icons of a group of kinds."""
        return {
            "traffic": self.accent,
            "compute": self.good,
            "data": self.write,
            "operations": self.replicate,
            "containers": self.muted,
        }.get(group, self.muted)


LIGHT = Theme(
    name="light",
    background="#F6F7F9",
    panel="#FFFFFF",
    line="#E3E6EB",
    text="#1B2430",
    muted="#5D6778",
    accent="#2F6FED",
    on_accent="#FFFFFF",
    critical="#D92D20",
    high="#C2410C",
    medium="#9A6700",
    low="#5D6778",
    info="#5D6778",
    good="#1F8A55",
    request="#475467",
    read="#2F6FED",
    write="#7A3FF2",
    replicate="#0E9384",
    operation="#8A94A6",
    server="#EDF2FA",
    server_line="#B9C7DC",
    zone="#F3F0FA",
    zone_line="#CFC5E6",
    site="#EFF4EF",
    site_line="#BFD0BF",
    grid="#E2E5EA",
    hover="#EEF2F8",
)
DARK = Theme(
    name="dark",
    background="#12161C",
    panel="#1A2028",
    line="#2A323D",
    text="#E6EAF0",
    muted="#94A0B0",
    accent="#6EA0FF",
    on_accent="#0E1420",
    critical="#FF6B60",
    high="#FF9A57",
    medium="#E6B65C",
    low="#94A0B0",
    info="#94A0B0",
    good="#4CC38A",
    request="#A7B2C2",
    read="#6EA0FF",
    write="#B18CFF",
    replicate="#3ED0BE",
    operation="#6B7686",
    server="#182130",
    server_line="#37465C",
    zone="#1C1B2B",
    zone_line="#423D63",
    site="#17211C",
    site_line="#33493C",
    grid="#222A34",
    hover="#232B36",
)
_current = LIGHT


def current_theme() -> Theme:
    """Return the theme that was applied last."""
    return _current


def system_theme() -> Theme:
    """Return the theme that the system asks for."""
    hints = QGuiApplication.styleHints()
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def ui_font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the font of the window in pixels of that size; the first family that exists."""
    font = QFont()
    font.setFamilies(list(FONT_FAMILIES))
    font.setPixelSize(round(size))
    font.setWeight(weight)
    return font


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Make a theme the application's own: palette, font and style sheet."""
    global _current  # noqa: PLW0603  # one application has one theme, as QApplication does
    _current = theme
    QDir.setSearchPaths("icons", [str(assets.ICONS)])
    app.setFont(ui_font(13))
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.panel,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.background,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.panel,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.on_accent,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.ToolTipBase: theme.text,
        QPalette.ColorRole.ToolTipText: theme.panel,
        QPalette.ColorRole.Mid: theme.line,
        QPalette.ColorRole.Dark: theme.line,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        faded = QColor(theme.muted)
        faded.setAlpha(150)
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return palette


def _style_sheet(t: Theme) -> str:
    """Only what a palette cannot say: radii, thin lines, quiet panels."""
    return f"""
    QMainWindow, QDialog {{ background: {t.panel}; }}
    QWidget#header {{ background: {t.panel}; border-bottom: 1px solid {t.line}; }}
    QSplitter::handle {{ background: {t.line}; }}
    QToolBar {{ background: transparent; border: 0; padding: 0; spacing: 4px; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 7px; padding: 5px 8px; }}
    QToolButton:hover {{ background: {t.hover}; }}
    QToolButton:pressed, QToolButton:checked {{ background: {t.hover};
                border-color: {t.line}; }}
    QToolButton:focus {{ border-color: {t.accent}; }}
    QToolButton#primary {{ background: {t.accent}; color: {t.on_accent}; font-weight: 600;
        padding: 5px 12px; }}
    QToolButton#primary:focus {{ border-color: {t.text}; }}
    QMenuBar {{ background: {t.panel}; padding: 0; }}
    QMenuBar::item {{ padding: 6px 9px; border-radius: 5px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.hover}; }}
    QMenu {{ background: {t.panel}; border: 1px solid {t.line}; padding: 5px; }}
    QMenu::item {{ padding: 5px 26px 5px 26px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {t.hover}; color: {t.text}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 5px 8px; }}
    QStatusBar {{ background: {t.panel}; border-top: 1px solid {t.line}; }}
    QStatusBar::item {{ border: 0; }}
    QStatusBar QLabel {{ font-size: 12px; }}
    QStatusBar QToolButton {{ font-size: 12px; padding: 2px 8px; }}
    QFrame#toast {{ background: {t.text}; border-radius: 9px; }}
    QFrame#toast QLabel {{ color: {t.panel}; }}
    QFrame#toast QPushButton {{ color: {t.panel}; background: transparent; border: 0;
        font-weight: 600; text-decoration: underline; padding: 4px 8px; }}
    QLineEdit, QPlainTextEdit, QComboBox, QDateEdit, QSpinBox, QDoubleSpinBox,
    QListWidget#choices {{
        background: {t.background}; border: 1px solid {t.line}; border-radius: 6px;
        padding: 4px 8px; min-height: 20px; selection-background-color: {t.accent};
        selection-color: {t.on_accent}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {{
        border-color: {t.accent}; }}
    QAbstractSpinBox QLineEdit {{ border: 0; padding: 0; min-height: 0;
        background: transparent; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: 0; }}
    QTableWidget {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 6px;
        selection-background-color: {t.hover}; selection-color: {t.text}; }}
    QTableWidget::item {{ padding: 4px 5px; }}
    QHeaderView {{ background: {t.panel}; }}
    QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: 0;
        border-bottom: 1px solid {t.line}; padding: 5px 8px; font-size: 12px; }}
    QComboBox::drop-down {{ border: 0; width: 22px; }}
    QComboBox::down-arrow {{ image: url(icons:ui_combo.svg); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.line};
        selection-background-color: {t.hover}; selection-color: {t.text}; padding: 4px; }}
    QPushButton {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 7px;
        padding: 5px 14px; min-height: 20px; }}
    QPushButton:hover {{ background: {t.hover}; }}
    QPushButton:focus {{ border-color: {t.accent}; }}
    QPushButton:disabled {{ color: {t.muted}; }}
    QPushButton#primary {{ background: {t.accent}; color: {t.on_accent};
        border-color: {t.accent}; font-weight: 600; }}
    QPushButton#primary:disabled {{ background: {t.line}; border-color: {t.line};
        color: {t.muted}; }}
    QListView, QTreeView, QListWidget {{ background: {t.panel}; border: 0; outline: 0; }}
    QTreeView#table::item {{ padding: 4px 6px; }}
    QTreeView#table::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QTreeView#table QHeaderView {{ background: {t.panel}; }}
    QTreeView#table QHeaderView::section {{ background: {t.panel}; color: {t.muted};
        border: 0; border-bottom: 1px solid {t.line}; padding: 5px 20px 5px 9px;
        font-size: 12px; }}
    QTreeView#table QHeaderView::section:hover {{ background: {t.hover}; }}
    QListWidget::item {{ padding: 6px 8px; border-radius: 6px; color: {t.text}; }}
    QListWidget::item:hover {{ background: {t.hover}; }}
    QListWidget::item:selected {{ background: {t.hover}; color: {t.text}; }}
    QScrollArea#inspector, QWidget#inspectorBody {{ background: {t.panel}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
    QScrollBar::handle {{ background: {t.line}; border-radius: 3px; min-height: 28px;
        min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {t.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QCheckBox::indicator, QListWidget::indicator {{
        width: 14px; height: 14px; border: 1px solid {t.muted};
        border-radius: 4px; background: {t.background}; }}
    QCheckBox::indicator:checked, QListWidget::indicator:checked {{
        background: {t.accent}; border-color: {t.accent};
        image: url(icons:ui_check_{t.name}.svg); }}
    QCheckBox::indicator:indeterminate {{ background: {t.muted}; }}
    QCheckBox::indicator:focus {{ border-color: {t.accent}; }}
    QLabel#muted, QCheckBox#muted {{ color: {t.muted}; font-size: 12px; }}
    QLabel#fieldLabel {{ color: {t.muted}; font-size: 12px; }}
    QLabel#fieldError {{ color: {t.critical}; font-size: 12px; }}
    QLabel#sectionTitle {{ color: {t.muted}; font-size: 11px; font-weight: 600; }}
    QLabel#inspectorTitle {{ font-size: 16px; font-weight: 600; }}
    QLabel#dialogTitle {{ font-size: 16px; font-weight: 600; }}
    QWidget#explained {{ background: {t.background}; border-radius: 8px; }}
    QToolButton#findingLink {{ text-align: left; padding: 4px 6px; }}
    QToolButton#wayLink, QToolButton#partLink {{ text-align: left; color: {t.accent};
        padding: 1px 0; margin: 0; border: 0; }}
    QToolButton#wayLink:hover, QToolButton#partLink:hover {{ text-decoration: underline; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QProgressBar {{ background: {t.line}; border: 0; border-radius: 2px; max-height: 4px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
    QToolTip {{ background: {t.text}; color: {t.panel}; border: 0; padding: 5px 8px; }}
    """
