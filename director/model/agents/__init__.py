"""What the director and an agent say to each other."""
