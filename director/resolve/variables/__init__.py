"""Variables and their options."""
