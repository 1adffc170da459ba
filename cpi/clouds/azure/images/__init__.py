"""Stemcells as the cloud's images."""
