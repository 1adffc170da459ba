"""OpenStack with all its abilities.

Takes settings, gives a connected cloud; its rooms share one Api.
"""

from collections.abc import Mapping

from cpi.cloud import ConnectedCloud
from cpi.openstack import environment_tags
from cpi.openstack.api import Api
from cpi.openstack.cloud import OpenStackCloud
from cpi.openstack.config import OpenStackConfig
from cpi.openstack.containers import Container
from cpi.openstack.identity import OpenStackIdentity
from cpi.openstack.images import Images
from cpi.openstack.landing import OpenStackLanding
from cpi.openstack.places import Places
from cpi.openstack.preflight import OpenStackPreflight
from cpi.openstack.prices import OpenStackPricing
from cpi.support import person
from cpi.values import NO_TAGS


def connect_cloud(
    config: OpenStackConfig, environment: str, *, api: Api | None = None, tags: Mapping[str, str] = NO_TAGS
) -> ConnectedCloud:
    """Give the cloud and what it can do beside CPI v2; `api` is one that is there already, for the same settings.

    `tags` are the environment's. Raises CloudError: tag-name-reserved, openstack-tags-invalid.
    """
    checked = environment_tags.read_tags(tags, has_container=config.container)
    api = api or Api(config, tags=checked)
    places = Places(api, config, environment)
    images, container = Images(api, config, tell=person.tell), Container(api, environment)
    landing = OpenStackLanding(api, config, places=places, container=container)
    cloud = OpenStackCloud(api, config, places, images=images)
    return ConnectedCloud(
        name="openstack",
        cloud=cloud,
        finder=cloud,
        landing=landing,
        preflight=OpenStackPreflight(api, config, places=places, landing=landing),
        power=cloud,
        console=cloud,
        pricing=OpenStackPricing(config.prices) if config.prices else None,
        storage=container,
        identity=OpenStackIdentity(api),
    )
