"""Bundles as one signed file each."""
