"""The embedded local cloud as a plugin.

Takes ConnectSettings, gives a ConnectedCloud. Connecting starts nothing and writes nothing: the first change does.
"""

from cpi.clouds.local.cloud import LocalCloud
from cpi.clouds.local.host import state_root as places
from cpi.clouds.local.images.stock_images import LocalStockImages
from cpi.clouds.local.landing.landing_zone import LocalLanding
from cpi.clouds.local.machines.finder import LocalFinder
from cpi.clouds.local.machines.power import LocalConsole, LocalPower
from cpi.clouds.local.preflight.checks import LocalPreflight
from cpi.clouds.local.wire import config
from cpi.clouds.local.wire.api import Api
from cpi.clouds.local.wire.identity import LocalIdentity
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.kit import tags as owner_tags


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
            stock=LocalStockImages(),
            landing=LocalLanding(api, settings.tags),
            preflight=LocalPreflight(place, chosen.mode),
            power=LocalPower(api),
            console=LocalConsole(api),
            identity=LocalIdentity(place, chosen.mode),
        )


PLUGIN = LocalPlugin()
