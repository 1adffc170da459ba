"""Packages and blobs on the VM."""
