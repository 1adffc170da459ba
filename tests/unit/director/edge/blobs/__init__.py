"""Blobs by digest, and archives opened safely."""
