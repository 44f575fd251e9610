"""The panels around the canvas; they hold the document and never the canvas."""
