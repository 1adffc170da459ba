"""Microsoft's management packages: which typed operation a call is."""
