"""The translation of templates."""
