"""Stock images on AWS: the newest of a publisher, by its SSM parameter. Pure.

Takes the name of an operating system, gives the image that is used for it.
"""

from cpi.clouds.aws.images import images
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.values import StockImage
from cpi.kit import stock_systems


class AwsStockImages:
    """Implements StockImages of cpi.contract.cloud."""

    def __init__(self, config: AwsConfig) -> None:
        self._config = config

    def stock_image(self, os: str) -> StockImage:
        own, architecture = self._config.stemcell_images, self._config.architecture
        if os in own:
            key = "ssm_parameter" if own[os].startswith("/") else "image_id"
            return stock_systems.own_image(os, own[os], architecture=architecture, properties={key: own[os]})
        system = stock_systems.describe_stock(os, own, cloud="AWS", example="ami-...")
        publisher = images.publisher_of(system.os, system.version, architecture)
        return StockImage(
            os=system.os,
            version=system.version,
            architecture=architecture,
            description=f"the stock image of {system.title} (SSM parameter {publisher.parameter})",
        )
