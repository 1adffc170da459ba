"""Sizes of VMs by what they need, and what clouds offer for them.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.cloud_names import ONLY_CLOUD, CloudName


@dataclass(frozen=True, slots=True, kw_only=True)
class VmSize:
    """BOSH's `vm_resources`: at least so much."""

    cpu: int
    ram_mib: int
    ephemeral_disk_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeThere:
    """The cloud properties with which one of the environment's clouds gives at least `size`."""

    size: VmSize
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    cloud: CloudName = ONLY_CLOUD


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRefusal:
    """Why one of the environment's clouds has nothing for `size`."""

    size: VmSize
    error: CloudError
    cloud: CloudName = ONLY_CLOUD
