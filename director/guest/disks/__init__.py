"""Block devices and mounts."""
