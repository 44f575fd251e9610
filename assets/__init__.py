"""What the window shows and is not code: icons, themes."""
