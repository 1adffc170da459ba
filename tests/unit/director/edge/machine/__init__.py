"""This machine: files, threads, clock."""
