"""Releases and their blobs: fetched, read and packed."""
