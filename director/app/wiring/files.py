"""The Files port. Imports nothing slow: `interpolate` needs this part alone.

Takes a Home, gives Files.
"""

from pathlib import Path

from director.app.wiring.homes import Home
from director.edge.machine.library import Library
from director.ports.files import Files


def open_files(home: Home) -> Files:
    """Files to read and write documents."""
    return Library(Path(home.settings.home))
