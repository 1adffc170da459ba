"""Plugins against recorded answers of real clouds."""
