"""The memory cloud as a plugin.

Takes connect settings, gives a cloud that lives as long as the process does.
"""

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.config import read_config
from cpi.clouds.memory.connect import connect_cloud
from cpi.contract.cloud import ConnectedCloud, ConnectSettings


class MemoryPlugin:
    """Every connect gives a new, empty cloud."""

    name = "memory"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(MemoryCloud(read_config(settings.properties), tags=settings.tags))


PLUGIN = MemoryPlugin()
