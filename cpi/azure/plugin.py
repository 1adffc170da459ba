"""Azure as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks the settings and sends nothing.
"""

import time

from cpi.azure import config
from cpi.azure.connect import connect_cloud
from cpi.azure.waiting import Clock
from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.support import person


class AzurePlugin:
    name = "azure"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        clock = Clock(now_s=time.monotonic, wall_s=time.time, sleep=time.sleep)
        return connect_cloud(
            config.read_config(settings.properties), environment=settings.environment, clock=clock, prompt=person.tell
        )


PLUGIN = AzurePlugin()
