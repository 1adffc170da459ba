"""The reference cloud, in memory: every rule of a real one, faults on demand."""
