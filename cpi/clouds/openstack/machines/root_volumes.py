"""The volume that a server boots from: whether it has one, its size and its type.

Takes a VM's properties, its flavour and the settings, gives a RootVolume and what Nova is sent of it. Pure.
Source: openstack/nova nova/compute/api.py @26.2.2 (a volume made of an image needs a size) and
api_version_request.py (2.67: volume_type in block_device_mapping_v2).
"""

import re
from collections.abc import Mapping
from typing import Any

from cpi.clouds.openstack.wire.config import OpenStackConfig, VmProperties
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.value_classes import dataclass

_VERSION = re.compile(r"(\d+)\.(\d+)")
_TYPED_SINCE = (2, 67)
"""Nova's first microversion that takes the type of a volume it makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootVolume:
    """`type` "" leaves the choice to Cinder."""

    size_gib: int
    type: str = ""


def is_wanted(properties: VmProperties, config: OpenStackConfig) -> bool:
    """Whether a server boots from a volume, which Cinder counts."""
    chosen = properties.boot_from_volume
    return properties.root_disk is not None or (config.boot_from_volume if chosen is None else chosen)


def read_root_volume(
    properties: VmProperties, flavor: Mapping[str, Any], config: OpenStackConfig, *, name: str
) -> RootVolume | None:
    """The root volume of VM `name`, as large as its flavour's disk where root_disk names no size; None without one.

    Raises CloudError: root-volume-without-size, root-volume-type-not-supported.
    """
    if not is_wanted(properties, config):
        return None
    root = properties.root_disk
    if root is not None and root.type and not _takes_type(config.compute_api_version):
        raise NotSupportedError(
            "root-volume-type-not-supported",
            f"VM '{name}' has a root volume of type '{root.type}'.",
            why=f"Nova supports this from microversion 2.67; compute_api_version is {config.compute_api_version}.",
            fix='Set compute_api_version: "2.67" in the environment\'s file, or remove root_disk.type.',
        )
    size_gib = (root.size if root else None) or int(flavor["disk"])
    if not size_gib:
        raise CloudError(
            "root-volume-without-size",
            f"VM '{name}' boots from a volume without a size.",
            why=f"Its flavor '{flavor['name']}' has a disk of 0 GiB, and Nova creates no volume without a size.",
            fix="Set root_disk.size (in GB) in the vm_type's cloud_properties.",
        )
    return RootVolume(size_gib=size_gib, type=root.type if root else "")


def write_boot_source(root: RootVolume | None, image: str) -> dict[str, Any]:
    """What a server boots from, in the body of POST /servers."""
    if root is None:
        return {"imageRef": image}
    volume: dict[str, Any] = {
        "boot_index": 0,
        "source_type": "image",
        "uuid": image,
        "destination_type": "volume",
        "delete_on_termination": True,
        "volume_size": root.size_gib,
    }
    return {"block_device_mapping_v2": [{**volume, **({"volume_type": root.type} if root.type else {})}]}


def _takes_type(microversion: str) -> bool:
    """The word "latest" is whatever Nova has, which may be too old."""
    found = _VERSION.fullmatch(microversion)
    return found is not None and (int(found[1]), int(found[2])) >= _TYPED_SINCE
