"""What the cloud would refuse, found before the first create."""
