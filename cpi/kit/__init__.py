"""Shared by cloud plugins: backoff, polling, tags."""
