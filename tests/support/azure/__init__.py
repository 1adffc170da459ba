"""A stand-in for Azure: its Resource Manager, its sign-in and its directory, over TLS on loopback."""
