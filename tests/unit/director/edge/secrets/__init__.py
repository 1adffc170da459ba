"""The vault, its key, and values made."""
