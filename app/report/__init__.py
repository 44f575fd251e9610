"""The write-up: what a reviewer or a teacher wants to read about a design."""
