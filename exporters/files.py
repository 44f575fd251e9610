"""What every exporter returns, files by path, and how they reach a folder all at once."""

from collections.abc import Mapping

Files = Mapping[str, bytes]
