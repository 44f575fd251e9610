"""Text that Markdown shows as it is."""

import re


def one_line(text: str) -> str:
    """Return a text as one line of Markdown that shows it and nothing else."""
    line = re.sub(r"([\\`*_\[\]<>~$&|])", r"\\\1", " ".join(text.split()))
    return re.sub(r"^(?=[#+=-])|^(\d+)(?=[.)])", r"\1\\", line)
