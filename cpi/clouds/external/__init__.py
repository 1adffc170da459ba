"""Any BOSH CPI executable as a cloud."""
