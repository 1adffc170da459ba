"""AWS for tests: moto behind a layer of our own that adds what moto lacks. Emulated, never the real thing."""
