"""The state store and the journal in SQLite."""
