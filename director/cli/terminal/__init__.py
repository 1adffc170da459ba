"""What people see: streams, tables, the progress of a task."""
