"""This machine: where the cloud lies on it, and whether it can run one."""
