"""Pure: written documents to Desired."""
