"""Job templates evaluated by processes of our own."""
