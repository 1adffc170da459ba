"""AWS as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting checks what was written and asks AWS nothing.
"""

from cpi.aws import config
from cpi.aws.connect import connect_cloud
from cpi.cloud import ConnectedCloud, ConnectSettings


class AwsPlugin:
    name = "aws"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(config.read_config(settings.properties), settings.environment, tags=settings.tags)


PLUGIN = AwsPlugin()
