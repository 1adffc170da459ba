"""The console's own program, without servers behind it."""
