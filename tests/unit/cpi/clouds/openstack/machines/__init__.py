"""VMs, disks and network interfaces: bodies built, answers read."""
