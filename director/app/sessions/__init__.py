"""What a use case works with: the open session, the home's records, its environment and deployments."""
