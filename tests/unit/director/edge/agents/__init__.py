"""Agents over SSH."""
