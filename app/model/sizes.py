"""Sizes of what is drawn, in pixels at 100 %: shared by the canvas, the samples and the exports."""

CARD_WIDTH = 188.0
CARD_HEIGHT = 60.0
NOTE_HEIGHT = 96.0
GRID = 24.0
PADDING = 16.0
TITLE = 28.0
EMPTY_CONTAINER = (CARD_WIDTH + 2 * PADDING, CARD_HEIGHT + TITLE + PADDING)
