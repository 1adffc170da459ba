"""Service principals: `compleat azure create-principal`."""
