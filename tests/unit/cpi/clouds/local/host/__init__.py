"""This machine: the cloud's directory on it, and whether it can run a cloud."""
