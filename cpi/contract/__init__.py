"""What crosses the boundary: the Cloud protocol, its values and its errors."""
