"""Releases, blobs of releases and archives fetched, read and packed."""
