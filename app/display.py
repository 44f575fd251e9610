"""Whether a window can be seen here: a display that is named, and answers.

Qt ends the process when it cannot connect to the display that the environment names, such as one
of a session that has ended or of a container without its socket.
"""

import os
import sys
from collections.abc import Callable, Mapping


def named(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a display to try; a platform that was asked for is taken at its word."""
    if sys.platform != "linux":
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(environment.get(name) for name in names)


def answers(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether one of the displays that Qt would try lets a program connect.

    Of a platform that is no display, such as `offscreen`, and outside Linux that is always so.
    """
    if sys.platform != "linux":
        return True
    return any(_CONNECTS.get(name, _always)(environment) for name in platforms(environment))


def platforms(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the platform plugins that Qt tries, in this order.

    `QT_QPA_PLATFORM` may be a list such as `wayland;xcb`, and carry options: `xcb:name=value`.
    """
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return tuple(entry.split(":")[0] for entry in chosen.split(";"))
    named_by = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    return tuple(name for name, variable in named_by.items() if environment.get(variable))


def _always(_: Mapping[str, str]) -> bool:
    return True


def _x11(environment: Mapping[str, str]) -> bool:
    import ctypes  # not needed where there is no display

    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    name = environment.get("DISPLAY", "").encode() or None
    connection = ctypes.c_void_p(xcb.xcb_connect(name, None))
    failed: int = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland(environment: Mapping[str, str]) -> bool:
    import ctypes

    wayland = ctypes.CDLL("libwayland-client.so.0")
    wayland.wl_display_connect.restype = ctypes.c_void_p
    display = wayland.wl_display_connect(environment.get("WAYLAND_DISPLAY", "").encode() or None)
    if display is None:
        return False
    wayland.wl_display_disconnect(ctypes.c_void_p(display))
    return True


_CONNECTS: Mapping[str, Callable[[Mapping[str, str]], bool]] = {"xcb": _x11, "wayland": _wayland}
