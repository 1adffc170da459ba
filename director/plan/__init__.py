"""Pure: Desired and Observed to Plan."""
