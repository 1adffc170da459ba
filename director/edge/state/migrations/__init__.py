"""Alembic's migrations of the state store."""
