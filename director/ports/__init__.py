"""What a room needs from outside, one small protocol a file."""
