"""Child process: times one canvas at one size, `canvas.py loadpath|nodegraphqt DRAWING`."""

import importlib
import json
import os
import sys
from pathlib import Path

from benchmarks.frames import Bench


def main() -> None:
    """Print the result as one line of JSON."""
    subject, path = sys.argv[1:]
    drawing = json.loads(Path(path).read_text(encoding="utf-8"))
    module = importlib.import_module(f"benchmarks.canvases.{subject}")
    print(json.dumps(Bench(module.make(drawing), drawing["focus"]).run()), flush=True)
    os._exit(0)  # a scene of the peer takes minutes to be freed


if __name__ == "__main__":
    main()
