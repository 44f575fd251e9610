"""Make a virtual environment, or say what is missing: `create_environment.py FOLDER`."""

import importlib.util
import os
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:2])
        print(f"Loadpath needs Python 3.11 or newer; this is Python {found}.", file=sys.stderr)
        print("Name another one: make env PYTHON=python3.12", file=sys.stderr)
        return 1
    if importlib.util.find_spec("ensurepip") is None:
        print("This Python cannot make virtual environments.", file=sys.stderr)
        print("On Debian and Ubuntu: sudo apt-get install python3-venv", file=sys.stderr)
        return 1
    venv.create(Path(sys.argv[1]), with_pip=True, symlinks=os.name != "nt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
