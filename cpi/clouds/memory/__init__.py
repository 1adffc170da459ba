"""The reference cloud, in memory."""
