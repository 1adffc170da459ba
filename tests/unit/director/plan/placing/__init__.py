"""Where instances go, and their addresses."""
