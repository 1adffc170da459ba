"""What every EventLog promises."""
