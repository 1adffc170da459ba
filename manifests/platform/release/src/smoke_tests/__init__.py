"""The errand that uses each service of the platform once, as a user would."""
