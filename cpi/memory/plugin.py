"""The memory cloud as a plugin.

Takes connect settings, gives a cloud that lives as long as the process does.
"""

from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.memory.cloud import MemoryCloud
from cpi.memory.config import read_config
from cpi.memory.connect import connect_cloud
from cpi.support import tags as owner_tags


class MemoryPlugin:
    """Every connect gives a new, empty cloud."""

    name = "memory"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        config = read_config(settings.properties)
        owner_tags.refuse_environment_tags(settings.tags, self.name)
        return connect_cloud(MemoryCloud(config))


PLUGIN = MemoryPlugin()
