"""OpenStack as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks what was written and asks OpenStack nothing.
"""

from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.openstack import config
from cpi.openstack.connect import connect_cloud


class OpenStackPlugin:
    name = "openstack"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(config.read_config(settings.properties), settings.environment)


PLUGIN = OpenStackPlugin()
