"""Files fetched from addresses: URLs, object stores, product networks and the Python package index."""
