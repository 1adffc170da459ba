"""Azure as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks the settings and sends nothing.
"""

from cpi.clouds.azure.connect import connect_cloud
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.kit.operation_clock import system_clock


class AzurePlugin:
    name = "azure"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(settings, clock=system_clock())


PLUGIN = AzurePlugin()
