"""The one table of what a user can do: menus, toolbar, command palette and shortcut sheet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.icons import icon
from app.ui.theme import Theme

Group = Literal["File", "Edit", "View", "Findings", "Help"]


class Action(NamedTuple):
    """Something that a user can do.

    `keys` are shortcuts in the order in which they are told; those of an action of the canvas
    work while the canvas has the focus, so that a text field keeps its own.
    """

    id: str
    text: str
    group: Group
    help: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    on_canvas: bool = False
    checkable: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("new", "New…", "File", "Start empty or from a sample", ("Ctrl+N",), "ui_new"),
    Action("open", "Open…", "File", "Open a design file", ("Ctrl+O",), "ui_open"),
    Action("save", "Save", "File", "Save the design in its file", ("Ctrl+S",), "ui_save"),
    Action("save_as", "Save as…", "File", "Save under another name", ("Ctrl+Shift+S",)),
    Action(
        "export",
        "Export…",
        "File",
        "Make a picture, a drawing or a project that runs",
        ("Ctrl+E",),
        "ui_export",
    ),
    Action(
        "write_up",
        "Write-up…",
        "File",
        "Tell in words why each part is there, what brings the design down, and what is open",
        icon="ui_file",
    ),
    Action("close", "Close window", "File", "Close this window", ("Ctrl+W",)),
    Action("quit", "Quit", "File", "Close all windows", ("Ctrl+Q",)),
    Action("undo", "Undo", "Edit", "Take back the last step", ("Ctrl+Z",), "ui_undo"),
    Action("redo", "Redo", "Edit", "Do again", ("Ctrl+Shift+Z", "Ctrl+Y"), "ui_redo"),
    Action("cut", "Cut", "Edit", "Move to the clipboard", ("Ctrl+X",), "ui_cut", on_canvas=True),
    Action(
        "copy",
        "Copy",
        "Edit",
        "Copy with the inner links to the clipboard",
        ("Ctrl+C",),
        "ui_copy",
        on_canvas=True,
    ),
    Action(
        "paste",
        "Paste",
        "Edit",
        "Add what is on the clipboard",
        ("Ctrl+V",),
        "ui_paste",
        on_canvas=True,
    ),
    Action(
        "duplicate",
        "Duplicate",
        "Edit",
        "Copy what is selected beside itself",
        ("Ctrl+D",),
        "ui_duplicate",
        on_canvas=True,
    ),
    Action(
        "delete",
        "Delete",
        "Edit",
        "Delete what is selected",
        ("Del", "Backspace"),
        "ui_delete",
        on_canvas=True,
    ),
    Action(
        "rename",
        "Rename",
        "Edit",
        "Edit the name on the card",
        ("F2",),
        "ui_rename",
        on_canvas=True,
    ),
    Action(
        "link",
        "Draw a link",
        "Edit",
        "Link the selected part: arrows choose the other end, Enter links",
        ("L",),
        "ui_link",
        on_canvas=True,
    ),
    Action(
        "select_all",
        "Select all",
        "Edit",
        "Select all parts and links",
        ("Ctrl+A",),
        on_canvas=True,
    ),
    Action(
        "select_none",
        "Select nothing",
        "Edit",
        "Clear the selection",
        ("Ctrl+Shift+A",),
        on_canvas=True,
    ),
    Action(
        "quick_add",
        "Quick add…",
        "Edit",
        "Find a kind of part by its name and add it",
        ("/",),
        "ui_add",
        on_canvas=True,
    ),
    Action(
        "tidy",
        "Tidy up",
        "Edit",
        "Lay out the whole design in layers",
        ("Ctrl+Shift+L",),
        "ui_layout",
    ),
    Action(
        "find",
        "Find a part…",
        "Edit",
        "Find a part by its name and go to it",
        ("Ctrl+F",),
        "ui_search",
    ),
    Action("flows", "Edit flows…", "Edit", "What users do, and what is promised for it"),
    Action("zoom_in", "Zoom in", "View", "Show things larger", ("Ctrl++", "Ctrl+="), "ui_zoom_in"),
    Action("zoom_out", "Zoom out", "View", "Show things smaller", ("Ctrl+-",), "ui_zoom_out"),
    Action("zoom_reset", "Zoom to 100 %", "View", "Show things in their size", ("Ctrl+0",)),
    Action("fit", "Fit", "View", "Show the whole design", ("Shift+1", "Ctrl+1"), "ui_fit"),
    Action(
        "fit_selection",
        "Fit selection",
        "View",
        "Show what is selected as large as it goes",
        ("Shift+2", "Ctrl+2"),
    ),
    Action(
        "show_palette",
        "Parts",
        "View",
        "Show or hide the parts on the left",
        ("F9", "Ctrl+B"),
        checkable=True,
    ),
    Action(
        "show_inspector",
        "Inspector",
        "View",
        "Show or hide the inspector on the right",
        ("Ctrl+Alt+B",),
        checkable=True,
    ),
    Action(
        "show_findings",
        "Findings",
        "View",
        "Show or hide the findings at the bottom",
        ("Ctrl+J",),
        checkable=True,
    ),
    Action(
        "show_history",
        "History",
        "View",
        "Show or hide the steps that can be taken back",
        ("Ctrl+H",),
        "ui_history",
        checkable=True,
    ),
    Action(
        "show_minimap",
        "Minimap",
        "View",
        "Show a small map while a part of the design is out of view",
        ("Ctrl+M",),
        "ui_minimap",
        checkable=True,
    ),
    Action(
        "next_panel",
        "Next panel",
        "View",
        "Go on with the keyboard: parts, canvas, inspector, findings",
        ("F6", "Ctrl+Tab"),
    ),
    Action(
        "theme_system",
        "Colours of the system",
        "View",
        "Light or dark as the system is",
        checkable=True,
    ),
    Action("theme_light", "Light colours", "View", "Always light", checkable=True),
    Action("theme_dark", "Dark colours", "View", "Always dark", checkable=True),
    Action(
        "next_finding", "Next finding", "Findings", "Go to the next finding and show it", ("F8",)
    ),
    Action(
        "previous_finding",
        "Previous finding",
        "Findings",
        "Go to the finding before and show it",
        ("Shift+F8",),
    ),
    Action(
        "fix",
        "Fix this finding…",
        "Findings",
        "Preview the repair of the current finding",
        ("Ctrl+.",),
        "ui_fix",
    ),
    Action(
        "fix_all",
        "Fix everything that can be fixed…",
        "Findings",
        "Find the steps that repair the design, and show them before anything changes",
        ("Ctrl+Alt+.",),
    ),
    Action(
        "target",
        "Reach a target…",
        "Findings",
        "Find the fewest parts that reach an availability, and look at each way before it is made",
        ("Ctrl+T",),
        "ui_ok",
    ),
    Action(
        "waive",
        "Waive this finding…",
        "Findings",
        "Accept the current finding, with a reason",
        ("Ctrl+Shift+.",),
        "ui_waive",
    ),
    Action(
        "rules",
        "Rules of this design…",
        "Findings",
        "Choose which rules judge this design, how severe they are, and rules of your team",
    ),
    Action(
        "what_if",
        "What if it fails?",
        "Findings",
        "Let what is selected fail, and see what becomes of the flows; again: let it work",
        ("K",),
        "ui_critical",
        on_canvas=True,
    ),
    Action(
        "failures",
        "What if: all failures…",
        "Findings",
        "Step through all single failures and pairs, the most harmful first",
        ("Ctrl+K",),
        "ui_critical",
    ),
    Action(
        "restore",
        "Let everything work again",
        "Findings",
        "End what was asked with “What if it fails?”",
        ("Shift+K",),
        on_canvas=True,
    ),
    Action(
        "simulate",
        "Simulate requests…",
        "Findings",
        "Send requests through the selected load balancer or cluster, and let servers die",
        ("Ctrl+R",),
        "ui_run",
    ),
    Action(
        "drill",
        "Drill…",
        "Findings",
        "Run the design with Docker, let parts fail, and compare with what is predicted",
        (),
        "ui_run",
    ),
    Action(
        "commands",
        "All commands…",
        "Help",
        "Find a command by its name",
        ("Ctrl+Shift+P", "Ctrl+/"),
        "ui_search",
    ),
    Action("shortcuts", "Shortcuts", "Help", "All keys on one page", ("?", "F1"), "ui_help"),
    Action("about", "About Loadpath", "Help", "Version and licence"),
)

SEPARATOR = ""
MENUS: Mapping[Group, tuple[str, ...]] = {
    "File": (
        "new",
        "open",
        "recent",
        "",
        "save",
        "save_as",
        "",
        "export",
        "write_up",
        "",
        "close",
        "quit",
    ),
    "Edit": (
        *("undo", "redo", "", "cut", "copy", "paste", "duplicate", "delete", ""),
        *(
            "quick_add",
            "link",
            "rename",
            "",
            "select_all",
            "select_none",
            "find",
            "",
            "tidy",
            "flows",
        ),
    ),
    "View": (
        *("zoom_in", "zoom_out", "zoom_reset", "fit", "fit_selection", ""),
        *("show_palette", "show_inspector", "show_findings", "show_history", "show_minimap", ""),
        *("next_panel", ""),
        *("theme_system", "theme_light", "theme_dark"),
    ),
    "Findings": (
        *("next_finding", "previous_finding", "", "fix", "fix_all", "target", "waive", "rules", ""),
        *("what_if", "failures", "restore", "", "simulate", "drill"),
    ),
    "Help": ("commands", "shortcuts", "", "about"),
}
TOOLBAR = ("undo", "redo", SEPARATOR, "tidy", "fit")
PRIMARY = "export"  # the button beside them, in the colour of the accent
CONTEXT_PART = (
    "link",
    "rename",
    "what_if",
    "simulate",
    "",
    "cut",
    "copy",
    "duplicate",
    "delete",
    "",
    "fit_selection",
)
CONTEXT_GROUND = ("quick_add", "paste", "", "select_all", "tidy", "fit")

# What hands do on the canvas itself; the shortcut sheet tells it beside the actions.
GESTURES: tuple[tuple[str, str], ...] = (
    ("Tab", "Quick add; with a selection: the next part"),
    ("Enter", "Edit the selected part in the inspector"),
    ("Arrows", "Move the selection by a pixel; with Shift by the grid"),
    ("Alt+Arrows", "Walk to the part in that direction"),
    ("Esc", "Leave what goes on, one level at a time"),
    ("Drag a handle", "Draw a link"),
    ("Drag on the ground", "Select with a rubber band"),
    ("Ctrl or Shift+click", "Add to the selection or take out"),
    ("Alt while dragging", "Move freely, without snapping"),
    ("Space+drag, middle button", "Pan"),
    ("Ctrl+wheel", "Zoom at the cursor"),
)


def make_actions(
    owner: QWidget, canvas: QWidget, run: Callable[[str], object]
) -> dict[str, QAction]:
    """Return the actions of a window by their ids; each runs the command with its id."""
    return {action.id: _made(action, owner, canvas, run) for action in ACTIONS}


def _made(action: Action, owner: QWidget, canvas: QWidget, run: Callable[[str], object]) -> QAction:
    found = QAction(action.text, owner)
    found.setObjectName(action.id)
    found.setShortcuts([QKeySequence(key) for key in action.keys])
    found.setStatusTip(action.help)
    found.setToolTip(f"{action.help} ({shown_keys(action)})" if action.keys else action.help)
    found.setCheckable(action.checkable)
    found.triggered.connect(lambda _=False: run(action.id))
    if action.on_canvas:
        found.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        canvas.addAction(found)
    else:
        owner.addAction(found)
    return found


def colour_icons(
    actions: Mapping[str, QAction], theme: Theme, only: Sequence[str] | None = None
) -> None:
    """Draw the icons of actions, or only of those with some ids, in the colours of a theme."""
    for action in ACTIONS:
        if action.icon and (only is None or action.id in only):
            primary = action.id == PRIMARY
            actions[action.id].setIcon(
                icon(action.icon, theme.on_accent if primary else theme.muted)
            )


def shown_keys(action: Action) -> str:
    """Return the first shortcut of an action as this system writes it; empty for none."""
    if not action.keys:
        return ""
    return QKeySequence(action.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)


def by_id(action_id: str) -> Action:
    """Return the action with an id."""
    return _BY_ID[action_id]


_BY_ID = {action.id: action for action in ACTIONS}
