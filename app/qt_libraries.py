"""Tells which system libraries Qt lacks here, before Qt aborts for want of one.

PySide6's wheels carry Qt and lean on the system for graphics, fonts and the display. A container
or a server often lacks these, and Qt's platform plugin then ends the process with no traceback.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from app.display import platforms

_Packages = tuple[str, str, str]  # which package holds a library, for each of the families
_FAMILIES = ("debian", "fedora", "arch")

# What the ELF headers of PySide6-Essentials 6.8 to 6.11 name, less what every system has.
_ALWAYS = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd"),
    "libX11.so.6": ("libx11-6", "libX11", "libx11"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype", "freetype2"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
}
_X11 = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb", "libxcb"),
    "libxcb-render-util.so.0": (
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
    ),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb", "libxcb"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb"),
    "libxcb.so.1": ("libxcb1", "libxcb", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
}
_WAYLAND = {
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client", "wayland"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor", "wayland"),
}
_INSTALL = {
    "debian": "apt-get install -y",
    "fedora": "dnf install -y",
    "arch": "pacman -S --noconfirm",
}


def missing_libraries(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """File names of the libraries that Qt needs here and the loader does not find, sorted.

    What the display needs counts only where the environment names one: with
    `QT_QPA_PLATFORM=offscreen` the libraries of X11 may be absent. Empty outside Linux, where
    the wheels need nothing.
    """
    if sys.platform != "linux":
        return ()
    absent = (name for name in _ALWAYS if not _loads(name))
    return tuple(sorted({*absent, *missing_for_display(environment)}))


def missing_for_display(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """As `missing_libraries`, where Qt itself was imported: only what the display needs."""
    if sys.platform != "linux":
        return ()
    return tuple(sorted(name for name in _needed_for_display(environment) if not _loads(name)))


def install_command(missing: Sequence[str]) -> str:
    """The command that installs these libraries on this distribution; empty where unknown."""
    family = _family()
    if not missing or family not in _INSTALL:
        return ""
    known = _ALWAYS | _X11 | _WAYLAND
    packages = sorted({known[name][_FAMILIES.index(family)] for name in missing})
    as_root = "" if os.geteuid() == 0 else "sudo "
    return f"{as_root}{_INSTALL[family]} {' '.join(packages)}"


def explanation(missing: Sequence[str]) -> str:
    """What to tell the user whose system lacks these libraries."""
    told = f"Qt cannot start here: this system lacks {', '.join(missing)}, which Qt needs."
    command = install_command(missing)
    if command:
        return f"{told}\nThis installs what is missing:\n\n    {command}\n"
    return f"{told}\nInstall the packages of your distribution that hold these files.\n"


def _needed_for_display(environment: Mapping[str, str]) -> Mapping[str, _Packages]:
    first = next(iter(platforms(environment)), "")
    return {"wayland": _WAYLAND, "xcb": _X11}.get(first, {})


def _loads(name: str) -> bool:
    import ctypes  # not needed where there is no display

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _family() -> str:
    """`debian`, `fedora`, `arch`, or what the distribution calls itself."""
    import platform

    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ""
    names = [release["ID"], *release.get("ID_LIKE", "").split()]
    return next((name for name in names if name in _INSTALL), release["ID"])
