"""Documents and releases damaged at random, from seeds."""
