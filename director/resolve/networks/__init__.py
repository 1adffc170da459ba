"""Networks and their ranges."""
