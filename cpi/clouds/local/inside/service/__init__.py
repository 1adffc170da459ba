"""The cloud's service: one process that answers all calls."""
