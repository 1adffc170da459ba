"""Stock images on OpenStack: the newest image of an operating system, by its properties or its name. Pure.

Takes the name of an operating system, gives the image that is used for it. Names of images are each provider's own, so
the image itself is looked up when the stemcell is checked or made.
"""

from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.values import StockImage
from cpi.kit import stock_systems


class OpenStackStockImages:
    """Implements StockImages of cpi.contract.cloud."""

    def __init__(self, config: OpenStackConfig) -> None:
        self._config = config

    def stock_image(self, os: str) -> StockImage:
        own, architecture = self._config.stemcell_images, self._config.architecture
        if os in own:
            return stock_systems.own_image(os, own[os], architecture=architecture, properties={"image_id": own[os]})
        system = stock_systems.describe_stock(os, own, cloud="OpenStack", example="NAME")
        return StockImage(
            os=system.os,
            version=system.version,
            architecture=architecture,
            description=f"the newest image of {system.title} (os_distro {system.os}, os_version {system.version})",
            cloud_properties={"os_distro": system.os, "os_version": system.version},
        )
