"""Effect: store, cloud and agents to Observed."""
