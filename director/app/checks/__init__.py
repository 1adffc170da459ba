"""What is asked before the first create: preflight, quota, prices, content of releases."""
