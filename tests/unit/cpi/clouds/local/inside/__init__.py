"""What runs in the cloud's namespaces, where it is pure."""
