"""The embedded cloud: namespaces of one Linux machine."""
