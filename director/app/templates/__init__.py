"""Templates on their way to plans: expanded, translated, recorded, and their outputs."""
