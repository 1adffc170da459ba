"""What a VM does when it is asked: a verb or two a file."""
