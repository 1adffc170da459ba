"""Releases, their jobs and packages."""
