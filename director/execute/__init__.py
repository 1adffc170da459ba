"""Effect: Plan to Outcomes."""
