"""Pure: bytes to written documents."""
