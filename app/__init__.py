"""Loadpath: draw a web infrastructure, see what brings it down, fix it, and run it."""

__version__ = "0.1.0"
