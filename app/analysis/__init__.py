"""What brings a design down: requirements derived from the drawing, cut sets, availability."""
