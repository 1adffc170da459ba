"""Pure: jobs and properties to files."""
