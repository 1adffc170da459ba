"""VMs and their disks."""
