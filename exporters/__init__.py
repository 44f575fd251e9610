"""A design as files that other programs read."""
