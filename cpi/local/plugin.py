"""The embedded local cloud as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting starts nothing and writes nothing: the first change does.
"""

from cpi.cloud import ConnectedCloud, ConnectSettings
from cpi.local import config
from cpi.local import place as places
from cpi.local.api import Api
from cpi.local.cloud import LocalCloud
from cpi.local.found import LocalFinder
from cpi.local.identity import LocalIdentity
from cpi.local.landing import LocalLanding
from cpi.local.power import LocalConsole, LocalPower
from cpi.local.preflight import LocalPreflight
from cpi.support import tags as owner_tags


class LocalPlugin:
    name = "local"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        chosen = config.read_config(settings.properties)
        owner_tags.check_environment_tags(settings.tags)
        place = places.find_place(settings.environment, settings.state_dir, root=chosen.state_root)
        api = Api(place, chosen.mode)
        return ConnectedCloud(
            name=self.name,
            cloud=LocalCloud(api, settings.tags),
            finder=LocalFinder(api),
            landing=LocalLanding(api, settings.tags),
            preflight=LocalPreflight(place, chosen.mode),
            power=LocalPower(api),
            console=LocalConsole(api),
            identity=LocalIdentity(place, chosen.mode),
        )


PLUGIN = LocalPlugin()
