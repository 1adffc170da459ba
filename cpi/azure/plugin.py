"""Azure as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks the settings and sends nothing.
"""

import sys
import time

from cpi.azure import config
from cpi.azure.connect import connect_cloud
from cpi.azure.waiting import Clock
from cpi.cloud import ConnectedCloud, ConnectSettings


class AzurePlugin:
    name = "azure"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        clock = Clock(now_s=time.monotonic, wall_s=time.time, sleep=time.sleep)
        return connect_cloud(
            config.read_config(settings.properties), environment=settings.environment, clock=clock, prompt=_prompt
        )


def _prompt(words: str) -> None:
    """A person has to be told now, while the call waits; standard output belongs to the command's own answer."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


PLUGIN = AzurePlugin()
