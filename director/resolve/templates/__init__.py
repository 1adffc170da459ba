"""Templates as part of what is wanted: their resources as a manifest, a cloud config and steps."""
