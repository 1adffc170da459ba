"""The outside: each file one port for real."""
