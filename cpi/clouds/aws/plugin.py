"""AWS as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks what was written and asks AWS nothing.
"""

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.wire import config
from cpi.contract.cloud import ConnectedCloud, ConnectSettings


class AwsPlugin:
    name = "aws"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        chosen = config.read_config(settings.properties)
        return connect_cloud(chosen, settings.environment, tags=settings.tags, progress=settings.progress)


PLUGIN = AwsPlugin()
