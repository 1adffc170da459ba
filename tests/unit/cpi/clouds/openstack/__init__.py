"""OpenStack's builders and readers, without OpenStack."""
