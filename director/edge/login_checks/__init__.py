"""Logins, checked as a user logs in."""
