"""The SSH server of each VM."""
