"""Test clouds that are real: their services run on this machine."""
