"""A real OpenStack, in namespaces of its own: `up` starts it, `down` ends it."""
