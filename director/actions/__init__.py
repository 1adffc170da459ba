"""Kinds of actions, one file each: the value, its result, its facts, its fold. Pure."""
