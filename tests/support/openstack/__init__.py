"""What a real OpenStack said once, kept and said again."""
