"""Backups of the home as one file each."""
