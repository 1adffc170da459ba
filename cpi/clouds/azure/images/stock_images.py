"""Stock images on Azure: the publisher's offers in the marketplace. Pure.

Takes the name of an operating system, gives the image that is used for it. Source: `az vm image list`, Canonical's and
Debian's pages of their Azure images.
"""

from collections.abc import Mapping

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.wire.config import AzureConfig
from cpi.contract.values import JsonValue, StockImage
from cpi.kit import stock_systems

_IMAGES: Mapping[tuple[str, str], str] = {
    ("ubuntu", "22.04"): "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest",
    ("ubuntu", "24.04"): "Canonical:ubuntu-24_04-lts:server:latest",
    ("debian", "12"): "Debian:debian-12:12-gen2:latest",
    ("debian", "13"): "Debian:debian-13:13-gen2:latest",
}
_ARCHITECTURE = "x86_64"


class AzureStockImages:
    """Implements StockImages of cpi.contract.cloud."""

    def __init__(self, settings: AzureConfig) -> None:
        self._settings = settings

    def stock_image(self, os: str) -> StockImage:
        own = self._settings.stemcell_images
        if os in own:
            named = stemcells.read_image(own[os])
            properties: Mapping[str, JsonValue] = {"image_id": named.id} if named.id else {"image": named.body()}
            architecture = stemcells.architecture_of(named)
            return stock_systems.own_image(os, own[os], architecture=architecture, properties=properties)
        example = "publisher:offer:sku:version"
        system = stock_systems.describe_stock(os, own, cloud="Azure", example=example)
        image = _IMAGES[system.os, system.version]
        return StockImage(
            os=system.os,
            version=system.version,
            architecture=_ARCHITECTURE,
            description=f"the stock image of {system.title} ({image})",
            cloud_properties={"image": stemcells.read_image(image).body()},
        )
