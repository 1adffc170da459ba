"""The ARM template language: reading, checking and expanding templates."""
