"""What every Plans promises."""
