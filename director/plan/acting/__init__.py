"""Actions made of the differences, in order."""
