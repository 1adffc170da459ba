"""Instance groups with their jobs, links and properties."""
