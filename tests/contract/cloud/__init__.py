"""One suite, run on every implementation."""
