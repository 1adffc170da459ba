"""An environment's landing zones, jumpboxes and logins."""
