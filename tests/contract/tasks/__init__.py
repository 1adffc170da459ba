"""What every Tasks promises."""
