"""What differs between what is wanted and what is."""
