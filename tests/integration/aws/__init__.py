"""AWS: the plugin against the emulator."""
