"""Remarks about the drawing as a whole."""

from collections.abc import Iterator

from app.model.components import Client
from exporters.deployment import Note
from exporters.plan.draft import Context

_COLLECTED = frozenset(("monitor", "alert", "log"))


def remarks(context: Context) -> Iterator[Note]:
    """Yield what the reader must know before anything else."""
    if not any(isinstance(item, Client) for item in context.design.components.values()):
        yield Note(text="No users are drawn: what no other part calls was published.")
    if any(reach.role in _COLLECTED and reach.link.encrypted for reach in context.reaches):
        yield Note(
            text="Measurements and alarms travel unencrypted inside the networks of the project, "
            "also where the link is drawn as encrypted."
        )
