"""The Sources port. Imports nothing slow: `interpolate` needs this part alone.

Takes nothing, gives Sources.
"""

from director.edge.machine.sources import SourceFiles
from director.ports.sources import Sources


def open_sources() -> Sources:
    """Files to read documents from."""
    return SourceFiles()
