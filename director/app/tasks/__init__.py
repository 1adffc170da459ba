"""A task from the moment of its request, and the runs that belong to it."""
