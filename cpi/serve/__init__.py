"""Our clouds the other way: each served as a BOSH CPI executable."""
