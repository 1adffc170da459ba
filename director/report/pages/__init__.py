"""What a page about a task shows: facts for people, out of its events and plans."""
