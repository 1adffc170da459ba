"""Effect: Plan to results."""
