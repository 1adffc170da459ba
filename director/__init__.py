"""The director: reads manifests, plans, drives clouds and agents."""
