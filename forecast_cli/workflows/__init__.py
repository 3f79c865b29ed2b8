"""One file per command: each reads top to bottom like the story of that command."""
