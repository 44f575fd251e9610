"""The drill: an exported project is started, each part of it is killed, its flows are watched.

What is measured stands beside what the analysis of the same design predicts. The project is
started under a name of its own, and a guard in a process of its own takes it down, whatever ends
the drill.
"""


class DrillError(Exception):
    """A drill that cannot be carried out; one sentence."""
