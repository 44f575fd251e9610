"""The canvas: the drawing of a design, and the gestures that edit it."""
