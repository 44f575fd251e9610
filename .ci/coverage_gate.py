"""Hold the coverage of each folder to the number that pyproject.toml gives it.

Reads the data file that `pytest --cov` wrote; exit status 1 when a folder is below its number.
"""

import io
import subprocess
import sys
import tomllib
from pathlib import Path

WHOLE = 100.0


def reached(folder: str) -> tuple[float, str]:
    """Percent of lines and branches of the folder that ran, and what did not, as text."""
    command = [sys.executable, "-m", "coverage", "report", f"--include={folder}/*"]
    total = subprocess.run(
        [*command, "--format=total", "--precision=2"], capture_output=True, text=True, check=False
    )
    if total.returncode:
        return 0.0, total.stdout + total.stderr
    percent = float(total.stdout)
    if percent == WHOLE:
        return percent, ""
    rows = subprocess.run(command, capture_output=True, text=True, check=False)
    return percent, rows.stdout


def main() -> int:
    gates = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["loadpath"]["coverage"]
    below = 0
    details = io.StringIO()
    for folder, least in gates.items():
        percent, rows = reached(folder)
        short = percent < least
        below += short
        print(f"{folder:16}{percent:7.2f} %, asked {least} %{'  BELOW' if short else ''}")
        details.write(rows if short else "")
    print(details.getvalue(), end="")
    return min(below, 1)


if __name__ == "__main__":
    sys.exit(main())
