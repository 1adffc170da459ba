"""Real machines behind an emulated cloud's instances."""
