"""A task from the moment that it is asked for, and the runs that belong to it."""
