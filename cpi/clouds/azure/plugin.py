"""Azure as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks the settings and sends nothing.
"""

from cpi.clouds.azure.connect import connect_cloud
from cpi.clouds.azure.wire.operations import system_clock
from cpi.contract.cloud import ConnectedCloud, ConnectSettings


class AzurePlugin:
    name = "azure"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(settings, clock=system_clock())


PLUGIN = AzurePlugin()
