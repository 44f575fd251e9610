"""The window; the only place that knows Qt.

PySide puts a hook in the place of Python's import, for code that says `from __feature__ import`.
The hook reads the source of each module that is imported, and takes itself out of the way for so
long in every thread. A module that a thread imports meanwhile is imported half with the hook and
half without it: pydantic's do not survive that. Nobody here says `from __feature__ import`, so
what was there before the hook is put back, before anything of the window is loaded.
"""

import builtins

import PySide6  # noqa: F401  # installs the hook; done now, it cannot come in later

if hasattr(builtins, "__orig_import__"):  # there are builds of PySide without the hook
    builtins.__import__ = builtins.__orig_import__
