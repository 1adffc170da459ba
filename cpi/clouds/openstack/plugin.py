"""OpenStack as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks what was written and asks OpenStack nothing.
"""

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud, ConnectSettings


class OpenStackPlugin:
    name = "openstack"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        chosen = config.read_config(settings.properties)
        return connect_cloud(chosen, settings.environment, tags=settings.tags, progress=settings.progress)


PLUGIN = OpenStackPlugin()
