"""YAML read with places, and written byte for byte as `bosh interpolate` does."""
