"""AWS: pure rooms."""
