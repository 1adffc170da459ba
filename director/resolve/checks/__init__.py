"""What is wrong or worth knowing about documents as a whole."""
