"""Azure as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks the settings and sends nothing.
"""

from cpi.azure.connect import connect_cloud
from cpi.azure.waiting import system_clock
from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.support import person


class AzurePlugin:
    name = "azure"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(settings, clock=system_clock(), prompt=person.tell)


PLUGIN = AzurePlugin()
