"""Files, users and processes of the VM."""
