"""Design files: text, versions, and disk."""
