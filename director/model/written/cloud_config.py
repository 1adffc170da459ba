"""A cloud config as people wrote it; names are the config's own.

Takes a tree of maps and lists, gives a frozen pydantic model. What the rules are across its parts, resolve/ checks.
Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/deployment_plan/cloud_manifest_parser.rb.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeMap in this module
from director.model.written.kinds import Flag, FreeMap, OneOrMany, Piece, Text, Whole


class WrittenAz(Piece):
    """An availability zone; `cpi` names one of several clouds."""

    name: Text
    cloud_properties: FreeMap = Field(default_factory=dict)
    cpi: Text | None = None


class WrittenSubnet(Piece):
    """A subnet. Ranges are IPs, "a - b" or CIDRs; `prefix` and `netmask_bits` are lengths in bits.

    `range` and `gateway` are for manual networks; a dynamic subnet has neither.
    """

    range: Text | None = None
    gateway: Text | None = None
    dns: tuple[Text, ...] = ()
    reserved: OneOrMany = ()
    static: OneOrMany = ()
    az: Text | None = None
    azs: tuple[Text, ...] | None = None
    cloud_properties: FreeMap = Field(default_factory=dict)
    prefix: Whole | None = None
    name: Text | None = None
    netmask_bits: Whole | None = None


class WrittenNetwork(Piece):
    """A network; `dns` and `cloud_properties` here belong to dynamic and vip networks without subnets."""

    name: Text
    type: Literal["manual", "dynamic", "vip"] = "manual"
    subnets: tuple[WrittenSubnet, ...] = ()
    dns: tuple[Text, ...] | None = None
    cloud_properties: FreeMap = Field(default_factory=dict)
    managed: Flag = False


class VmType(Piece):
    """A kind of VM; the same shape serves for VM extensions."""

    name: Text
    cloud_properties: FreeMap = Field(default_factory=dict)


class DiskType(Piece):
    """A kind of disk; `disk_size` in MB, 0 for no disk."""

    name: Text
    disk_size: Annotated[Whole, Field(ge=0)]
    cloud_properties: FreeMap = Field(default_factory=dict)


class VmResources(Piece):
    """A VM by what it needs: cores, and MB of memory and ephemeral disk."""

    cpu: Annotated[Whole, Field(gt=0)]
    ram: Annotated[Whole, Field(gt=0)]
    ephemeral_disk_size: Annotated[Whole, Field(ge=0)]


class WrittenCompilation(Piece):
    """How packages are compiled."""

    workers: Annotated[Whole, Field(ge=1)]
    network: Text
    az: Text | None = None
    vm_type: Text | None = None
    vm_resources: VmResources | None = None
    cloud_properties: FreeMap = Field(default_factory=dict)
    vm_extensions: tuple[Text, ...] = ()
    reuse_compilation_vms: Flag = False
    orphan_workers: Flag = False
    env: FreeMap = Field(default_factory=dict)


class PartOfCloudConfig(Piece):
    """One of several cloud configs, before the others are there."""

    is_bosh_document: ClassVar[bool] = True

    azs: tuple[WrittenAz, ...] = ()
    networks: tuple[WrittenNetwork, ...] = ()
    vm_types: tuple[VmType, ...] = ()
    vm_extensions: tuple[VmType, ...] = ()
    disk_types: tuple[DiskType, ...] = ()
    compilation: WrittenCompilation | None = None


class CloudConfig(PartOfCloudConfig):
    """The whole cloud config."""

    networks: Annotated[tuple[WrittenNetwork, ...], Field(min_length=1)]
    compilation: WrittenCompilation
