"""Pure: release directories and tarballs read."""
