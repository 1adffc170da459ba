"""Values, frozen, no I/O."""
