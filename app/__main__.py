"""Starts the program: the window for design files, the command line for its commands."""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from app import display

BAD_INPUT = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run with these arguments, without the name of the program; return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if all(map(_names_file, arguments)):
        return _window([Path(name) for name in arguments])
    return _command(arguments)


def _names_file(argument: str) -> bool:
    """Whether an argument is a file: no command has a dot or a separator in its name."""
    return not argument.startswith("-") and ("." in argument or os.sep in argument)


def _command(arguments: Sequence[str]) -> int:
    from app.cli.main import main as run

    # Asked to end, it leaves nothing half written behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    return run(arguments, picture=_draw, paper=_print)


def _draw(*values: object, **options: object) -> bytes:
    """Draw the canvas; loads Qt only when a picture is wanted."""
    try:
        from app.ui.picture import draw
    except ImportError:
        _explain()
        raise
    return draw(*values, **options)  # type: ignore[arg-type]  # the command line hands them through


def _print(*values: object) -> bytes:
    """Print a write-up; loads Qt only when that is wanted."""
    try:
        from app.ui.paper import write
    except ImportError:
        _explain()
        raise
    return write(*values)  # type: ignore[arg-type]  # the command line hands them through


def _explain() -> None:
    """Say which libraries of the system Qt lacks; return where it lacks none."""
    from app.cli.terminal import CommandError
    from app.qt_libraries import explanation, missing_libraries

    missing = missing_libraries({"QT_QPA_PLATFORM": "offscreen"})
    if missing:
        raise CommandError(explanation(missing)) from None


def _window(paths: Sequence[Path]) -> int:
    for path in paths:
        if not path.exists():
            print(f"loadpath: {path}: there is no such file.", file=sys.stderr)
            return BAD_INPUT
    if not display.named():
        return _without_display(paths, "there is no display here")
    gc.disable()  # from here on garbage is collected in the window's event loop alone
    missing = _missing()
    if missing:
        from app.qt_libraries import explanation

        print(explanation(missing), file=sys.stderr)
        return BAD_INPUT
    if not display.answers():
        return _without_display(paths, "the display does not answer")
    from app.ui.application import run

    return run(paths)


def _missing() -> tuple[str, ...]:
    """Load the window; return the libraries of the system for want of which Qt would abort."""
    from app.qt_libraries import missing_for_display, missing_libraries

    try:
        import app.ui.application  # noqa: F401  # to see whether it can be
    except ImportError:
        missing = missing_libraries()
        if not missing:
            raise
        return missing
    return missing_for_display()


def _without_display(paths: Sequence[Path], why: str) -> int:
    """Do the job of the window without one: the check, a picture, and the compose project."""
    print(f"loadpath: {why}, so no window can open.", file=sys.stderr)
    if not paths:
        print("Name a design file to check and export it, or see loadpath --help.", file=sys.stderr)
        return BAD_INPUT
    worst = 0
    for path in paths:
        print(f"Checking {path.name}, and exporting it into build/ instead.\n", file=sys.stderr)
        name = path.name.removesuffix(".json").removesuffix(".loadpath")
        Path("build").mkdir(exist_ok=True)
        for command in (
            ["check", str(path), "--fail-on", "never"],
            ["export", "image", str(path), "-o", f"build/{name}.svg"],
            ["export", "compose", str(path), "-o", f"build/{name}-compose"],
        ):
            worst = max(worst, _command(command))
    return worst


if __name__ == "__main__":
    sys.exit(main())
