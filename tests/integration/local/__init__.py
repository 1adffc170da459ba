"""The local cloud with real namespaces."""
