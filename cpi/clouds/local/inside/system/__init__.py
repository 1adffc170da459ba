"""Linux: namespaces, system calls, processes, links."""
