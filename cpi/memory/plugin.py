"""The memory cloud as a plugin.

Takes connect settings, gives a cloud that lives as long as the process does.
"""

from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.memory.cloud import MemoryCloud
from cpi.memory.config import read_config
from cpi.memory.connect import connect_cloud


class MemoryPlugin:
    """Every connect gives a new, empty cloud."""

    name = "memory"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(MemoryCloud(read_config(settings.properties), tags=settings.tags))


PLUGIN = MemoryPlugin()
