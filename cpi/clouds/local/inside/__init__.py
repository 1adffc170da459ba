"""What runs inside the local cloud's namespaces: a separate program."""
