"""The resident supervisor."""
