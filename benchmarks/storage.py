"""Child process: saves as the product does and as the standard library; `storage.py CARDS`."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from app.model import edits
from app.storage.codec import dump, load
from benchmarks import designs

RUNS = 7


def save(cards: int) -> dict[str, float]:
    """Return median milliseconds: a first save, one after an edit, and json.dumps, in turn."""
    subject = designs.make(cards)
    data = dump(subject.design)
    document = json.loads(data)
    times: dict[str, list[float]] = {"first_save": [], "save": [], "json": []}
    for number in range(RUNS):
        opened = load(data)  # no element of it has been saved before
        edited = edits.set_fields(opened, subject.focus, name=f"lb {number}")
        times["first_save"].append(_timed(lambda design=opened: dump(design)))  # type: ignore[misc]
        times["save"].append(_timed(lambda design=edited: dump(design)))  # type: ignore[misc]
        times["json"].append(_timed(lambda: json.dumps(document, indent=2, sort_keys=True)))
    return {name: statistics.median(values) for name, values in times.items()}


def _timed(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Print the result as one line of JSON."""
    print(json.dumps(save(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
