"""Logins tried as a person logs in."""
