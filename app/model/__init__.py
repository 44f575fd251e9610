"""What a design is: immutable values, edits on them, and the differences between two of them."""
