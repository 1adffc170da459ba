"""Expressions: what is in brackets in a template."""
