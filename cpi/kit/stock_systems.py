"""Operating systems by BOSH's names, and which of them have a stock image of their publisher.

Takes a name ("ubuntu-jammy"), gives what the publisher calls it. The guest needs Linux, SSH and Python 3.8, so systems
with an older Python are refused. Source: bosh.io stemcells; the publishers' own lists of releases.
"""

from collections.abc import Mapping

from cpi.contract.errors import NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, StockImage


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSystem:
    """`os` and `version` in the publisher's words, as stemcells of compleat have them; `title` is for people."""

    os: str
    version: str
    title: str


SYSTEMS: Mapping[str, StockSystem] = {
    "ubuntu-jammy": StockSystem(os="ubuntu", version="22.04", title="Ubuntu 22.04"),
    "ubuntu-noble": StockSystem(os="ubuntu", version="24.04", title="Ubuntu 24.04"),
    "debian-12": StockSystem(os="debian", version="12", title="Debian 12"),
    "debian-13": StockSystem(os="debian", version="13", title="Debian 13"),
}
_ENDED = {
    "ubuntu-lucid": "Ubuntu 10.04 is out of support, and has no Python 3.8.",
    "ubuntu-trusty": "Ubuntu 14.04 is out of support, and has no Python 3.8.",
    "ubuntu-xenial": "Ubuntu 16.04 is out of support, and has no Python 3.8.",
    "ubuntu-bionic": "Ubuntu 18.04 is out of support, and has no Python 3.8.",
    "centos-6": "CentOS 6 is out of support, and has no Python 3.8.",
    "centos-7": "CentOS 7 is out of support, and has no Python 3.8.",
}
_WINDOWS = "windows"


def describe_stock(os: str, own: Mapping[str, str], *, cloud: str, example: str) -> StockSystem:
    """The system of a BOSH name. `own` are the images that the settings name; `example` is how one is written.

    Raises NotSupportedError, code stock-image-unsupported.
    """
    if os in SYSTEMS:
        return SYSTEMS[os]
    if os.startswith(_WINDOWS):
        raise NotSupportedError(
            "stock-image-unsupported",
            f"{cloud} has no stock image for stemcell OS '{os}'.",
            why="VMs need SSH and Python 3.8 on Linux; Windows is not supported.",
            fix="Remove the instance groups and addons of this stemcell from the manifest.",
        )
    raise NotSupportedError(
        "stock-image-unsupported",
        f"{cloud} has no stock image for stemcell OS '{os}'.",
        why=_ENDED.get(os, f"Stock images are known for {', '.join(sorted({*SYSTEMS, *own}))}."),
        fix=f"Name one of these, or an image with SSH and Python 3.8 in the environment file: "
        f"stemcell_images: {{{os}: {example}}}.",
    )


def own_image(os: str, image: str, *, architecture: str, properties: Mapping[str, JsonValue]) -> StockImage:
    """The image that the settings name for a system. Its name is the version: another image is another stemcell."""
    return StockImage(
        os=os,
        version=image,
        architecture=architecture,
        description=f"image {image} (`stemcell_images`)",
        cloud_properties=properties,
    )
