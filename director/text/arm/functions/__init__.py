"""The built-in functions, a family a file."""
