"""OpenStack with all its abilities.

Takes settings, gives a connected cloud; its rooms share one Api.
"""

from collections.abc import Mapping

from cpi.clouds.openstack.cloud import OpenStackCloud
from cpi.clouds.openstack.images.images import Images
from cpi.clouds.openstack.images.sourced_images import SourcedImages
from cpi.clouds.openstack.images.stock_images import OpenStackStockImages
from cpi.clouds.openstack.landing.containers import Container
from cpi.clouds.openstack.landing.landing_zone import OpenStackLanding
from cpi.clouds.openstack.long_running import OpenStackLongRunning
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.preflight import unused_settings
from cpi.clouds.openstack.preflight.checks import OpenStackPreflight
from cpi.clouds.openstack.prices.hourly_prices import OpenStackPricing
from cpi.clouds.openstack.wire import resource_tags
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.clouds.openstack.wire.identity import OpenStackIdentity
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.progress import NO_PROGRESS, Progress
from cpi.contract.values import NO_TAGS
from cpi.kit import waiting
from cpi.kit.operation_clock import system_clock


def connect_cloud(
    config: OpenStackConfig,
    environment: str,
    *,
    api: Api | None = None,
    tags: Mapping[str, str] = NO_TAGS,
    progress: Progress = NO_PROGRESS,
) -> ConnectedCloud:
    """Give the cloud and what it can do beside CPI v2; `api` is one that is there already, for the same settings.

    `tags` are the environment's. Raises CloudError: tag-name-reserved, tags-invalid.
    """
    checked = resource_tags.read_tags(tags, has_container=config.container)
    api = api or Api(config, tags=checked)
    places = Lookups(api, config, environment)
    images = Images(api, config, report=progress.report)
    container = Container(api, environment, is_wanted=config.container)
    landing = OpenStackLanding(api, config, places=places, container=container)
    sourced = SourcedImages(api, config)
    cloud = OpenStackCloud(api, config, places, images=images, sourced=sourced)
    calls = OpenStackLongRunning(cloud, landing, sourced, api=api)
    patience = waiting.Patience(look=calls.look, clock=system_clock())
    return ConnectedCloud(
        name="openstack",
        cloud=waiting.WaitingCloud(calls, cloud, patience),
        long_running=calls,
        finder=cloud,
        stock=OpenStackStockImages(config),
        landing=waiting.WaitingLanding(calls, landing, patience),
        preflight=OpenStackPreflight(api, config, places=places, landing=landing, images=images),
        power=cloud,
        console=cloud,
        pricing=OpenStackPricing(config.prices) if config.prices else None,
        storage=container,
        identity=OpenStackIdentity(api, config),
        setting_remarks=tuple(unused_settings.of_settings(config)),
    )
