"""What every Configs promises."""
