"""Stock images of the memory cloud: those of its images that are of a known operating system. Pure.

Takes the name of an operating system, gives the image that is used for it.
"""

from cpi.clouds.memory.rules import Rules
from cpi.contract.values import StockImage
from cpi.kit import stock_systems


class MemoryStockImages:
    """Implements StockImages of cpi.contract.cloud."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def stock_image(self, os: str) -> StockImage:
        system = stock_systems.describe_stock(os, {}, cloud="The memory cloud", example="NAME")
        name = f"{system.os}-{system.version}"
        image = self._rules.images.get(name)
        return StockImage(
            os=system.os,
            version=system.version,
            architecture=image.architecture if image else "x86_64",
            description=f"the stock image of {system.title} ({name})",
            cloud_properties={"image": name},
        )
