"""A door: the page of a task, on this machine's loopback address, in a process of its own."""
