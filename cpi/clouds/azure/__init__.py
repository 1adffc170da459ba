"""Azure: Compute, Network, Storage, Resource Manager."""
