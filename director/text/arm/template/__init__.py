"""Templates: their sections, checks, and what they expand to."""
