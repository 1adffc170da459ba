"""The cloud's state as files."""
