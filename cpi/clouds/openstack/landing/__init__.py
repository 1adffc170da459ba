"""The landing zone: what exists before the first VM."""
