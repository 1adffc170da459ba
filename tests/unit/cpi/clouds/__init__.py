"""The clouds: one folder each, all in one shape (docs/howto/add-a-cloud.md)."""
