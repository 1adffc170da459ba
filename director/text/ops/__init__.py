"""Ops files."""
