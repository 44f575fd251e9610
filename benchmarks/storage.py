"""Child process: saves as the product does and as the standard library; `storage.py CARDS`.

In the window a design is opened in the background, where it is encoded ahead; its first save then
takes no more than later ones. The command line encodes all of it: that is the time of `encode`.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.model import edits
from app.model.design import Design
from app.storage.codec import dump, load
from app.storage.files import open_for_editing
from benchmarks import designs

RUNS = 7


def save(cards: int) -> dict[str, float]:
    """Return median milliseconds, in turn: the first and the second save, all, json.dumps."""
    subject = designs.make(cards)
    data = dump(subject.design)
    document = json.loads(data)
    times: dict[str, list[float]] = {"first_save": [], "save": [], "encode": [], "json": []}

    def save(name: str, design: Design) -> None:
        times[name].append(_timed(lambda: dump(design)))

    with TemporaryDirectory() as folder:
        path = Path(folder) / "bench.loadpath.json"
        path.write_bytes(data)
        for number in range(RUNS):
            opened = open_for_editing(path)
            once = edits.set_fields(opened, subject.focus, name=f"lb {number}")
            save("first_save", once)
            save("save", edits.set_fields(once, subject.focus, name=f"balancer {number}"))
            save("encode", load(data))  # no element of it has been saved before
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
