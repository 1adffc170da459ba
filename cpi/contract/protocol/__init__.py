"""BOSH's CPI protocol, versions 1 and 2, as pure functions: for executables that are clouds, and clouds served so."""
