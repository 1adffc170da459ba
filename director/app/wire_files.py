"""The Files port alone, for commands that need nothing else and must start at once.

Takes a home folder, gives Files. Beside `wire.py` this is the one importer of edge/: that one brings the database.
"""

from pathlib import Path

from director.edge.machine.library import Library
from director.ports.files import Files


def open_files(home: str) -> Files:
    """Files for a command that only reads and writes documents."""
    return Library(Path(home))
