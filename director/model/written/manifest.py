"""A deployment manifest (BOSH v2) as people wrote it; names are the manifest's own.

Takes a tree of maps and lists, gives a frozen pydantic model. What the rules are across its parts, resolve/ checks.
Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/deployment_plan/ (commit of director 283.1.6).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeMap in this module
from director.model.written.cloud_config import VmResources
from director.model.written.kinds import (
    Flag,
    FreeMap,
    Nil,
    NullableMap,
    OneOrMany,
    Piece,
    PlainText,
    Text,
    TextOrWhole,
    Whole,
    nil_or,
)

MOST_INSTANCES = 100_000
"""Of a group. A larger number is a mistake, and planning it would take hours and all memory."""


class StemcellOs(Piece):
    """An OS and version that compiled packages were made for."""

    os: Text
    version: Text


class ReleaseUse(Piece):
    """A release the deployment uses. `version` may be "latest", "<prefix>.latest" or "create"."""

    name: Text
    version: Text
    url: Text | None = None
    sha1: Text | None = None
    stemcell: StemcellOs | None = None
    exported_from: tuple[StemcellOs, ...] = ()


class StemcellUse(Piece):
    """A stemcell by its alias; `os` or `name` says which."""

    alias: Text
    version: Text
    os: Text | None = None
    name: Text | None = None


class DeploymentUpdate(Piece):
    """How fast instances are updated; counts are numbers or "N%", times "ms" or "min-max" ms."""

    canaries: TextOrWhole
    max_in_flight: TextOrWhole
    canary_watch_time: TextOrWhole
    update_watch_time: TextOrWhole
    serial: Flag | None = None
    vm_strategy: Literal["delete-create", "create-swap-delete"] | None = None
    initial_deploy_az_update_strategy: Literal["serial", "parallel"] | None = None


class GroupUpdate(Piece):
    """What one group does differently from the deployment; None means as the deployment does."""

    canaries: TextOrWhole | None = None
    max_in_flight: TextOrWhole | None = None
    canary_watch_time: TextOrWhole | None = None
    update_watch_time: TextOrWhole | None = None
    serial: Flag | None = None
    vm_strategy: Literal["delete-create", "create-swap-delete"] | None = None
    initial_deploy_az_update_strategy: Literal["serial", "parallel"] | None = None


class DnsAlias(Piece):
    """A DNS name a provider's instances answer to."""

    domain: Text
    placeholder_type: Text | None = None
    initial_health_check: Text | None = None
    health_filter: Text | None = None


_OF_THE_SPEC = MappingProxyType(dict.fromkeys(("name", "type"), "Remove it: the release's spec says it of a link."))


class Provide(Piece):
    """What the manifest says of a link that a job provides."""

    refused: ClassVar[Mapping[str, str]] = _OF_THE_SPEC

    as_: Text | None = Field(default=None, alias="as")
    shared: Flag = False
    aliases: tuple[DnsAlias, ...] = ()


class ManualInstance(Piece):
    """One instance of a link written by hand."""

    address: Annotated[Text, Field(min_length=1)]
    name: Text | None = None
    id: Text | None = None
    index: Whole | None = None
    bootstrap: Flag | None = None
    az: Text | None = None


class Consume(Piece):
    """What the manifest says of a link that a job consumes. `instances` makes it a link written by hand."""

    refused: ClassVar[Mapping[str, str]] = _OF_THE_SPEC

    from_: Text | None = Field(default=None, alias="from")
    deployment: Text | None = None
    network: Text | None = None
    ip_addresses: Flag | None = None
    instances: tuple[ManualInstance, ...] | None = None
    properties: FreeMap | None = None
    address: Text | None = None


class CustomProvider(Piece):
    """A link provider the release did not declare."""

    name: Annotated[Text, Field(min_length=1)]
    type: Annotated[Text, Field(min_length=1)]
    properties: tuple[Text, ...] = ()


class JobUse(Piece):
    """A job of a release; `properties` absent (None) is not the same as empty."""

    name: Text
    release: Text
    properties: FreeMap | None = None
    provides: Mapping[Text, Annotated[Provide | Nil, nil_or(Provide)]] = Field(default_factory=dict)
    consumes: Mapping[Text, Annotated[Consume | Nil, nil_or(Consume)]] = Field(default_factory=dict)
    custom_provider_definitions: tuple[CustomProvider, ...] = ()


class NetworkUse(Piece):
    """A network of the cloud config that the group is on."""

    name: Text
    static_ips: OneOrMany = ()
    default: tuple[Literal["dns", "gateway", "addressable"], ...] = ()
    nic_group: TextOrWhole | None = None


class PersistentDisk(Piece):
    """One of several disks, attached and not mounted."""

    name: Text
    type: Text


class FormerGroupName(Piece):
    """The former name of a group; `az` is where its instances without AZ are."""

    name: Text
    az: Text | None = None


class InstanceGroup(Piece):
    """Instances that are alike. `persistent_disk` is in MB."""

    retired: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "template": "List jobs under 'jobs', each with name and release.",
            "templates": "List jobs under 'jobs', each with name and release.",
            "resource_pool": "Use 'vm_type' and 'stemcell' instead.",
            "persistent_disk_pool": "Use 'persistent_disk_type' instead.",
        }
    )
    refused: ClassVar[Mapping[str, str]] = MappingProxyType(
        dict.fromkeys(
            ("state", "instance_states"),
            "Remove it; `compleat stop`, with --hard too, stops instances and keeps them so.",
        )
    )

    name: Text
    instances: Whole = Field(ge=0, le=MOST_INSTANCES)
    jobs: tuple[JobUse, ...]
    stemcell: Text
    networks: Annotated[tuple[NetworkUse, ...], Field(min_length=1)]
    azs: tuple[Text, ...] | None = None
    vm_type: Text | None = None
    vm_resources: VmResources | None = None
    vm_extensions: tuple[Text, ...] = ()
    persistent_disk: Annotated[Whole, Field(ge=0)] | None = None
    persistent_disk_type: Text | None = None
    persistent_disks: tuple[PersistentDisk, ...] | None = None
    env: FreeMap = Field(default_factory=dict)
    update: GroupUpdate = GroupUpdate()
    migrated_from: tuple[FormerGroupName, ...] = ()
    lifecycle: Literal["service", "errand"] = "service"
    properties: FreeMap = Field(default_factory=dict)
    tags: Mapping[Text, PlainText] = Field(default_factory=dict)


class FilterJob(Piece):
    """A job that a group must already have."""

    name: Text
    release: Text


class FilterStemcell(Piece):
    """The OS a group's stemcell must have."""

    os: Text


class AddonFilter(Piece):
    """Which groups an addon is for: kinds are ANDed, entries of one kind ORed; None means it does not matter."""

    deployments: tuple[Text, ...] | None = None
    instance_groups: tuple[Text, ...] | None = None
    jobs: tuple[FilterJob, ...] | None = None
    stemcell: tuple[FilterStemcell, ...] | None = None
    networks: tuple[Text, ...] | None = None
    teams: tuple[Text, ...] | None = None
    azs: tuple[Text, ...] | None = None
    lifecycle: Literal["service", "errand"] | None = None


class Addon(Piece):
    """Jobs put on every group that the filters let through."""

    name: Text
    jobs: tuple[JobUse, ...] = ()
    include: AddonFilter | None = None
    exclude: AddonFilter | None = None
    properties: FreeMap | None = None


class VariableUpdate(Piece):
    """When a generated value is regenerated."""

    strategy: Literal["on-deploy", "on-stemcell-change"] = "on-deploy"


class VariableLinkProperties(Piece):
    """`wildcard` puts `*` in place of the name's first label."""

    wildcard: Flag = False


class VariableLink(Piece):
    """A link whose DNS name becomes part of a certificate."""

    from_: Text | None = Field(default=None, alias="from")
    link_type: Text = "address"
    properties: VariableLinkProperties = VariableLinkProperties()


class VariableLinks(Piece):
    """The links of a certificate."""

    is_closed: ClassVar[bool] = True

    alternative_name: VariableLink | None = None
    common_name: VariableLink | None = None


class VariableDefinition(Piece):
    """A value to generate; `options` as its type has them."""

    name: Text
    type: Text
    options: NullableMap = Field(default_factory=dict)
    update_mode: Literal["no-overwrite", "overwrite", "converge"] | None = None
    update: VariableUpdate | None = None
    consumes: VariableLinks | None = None


class Features(Piece):
    """Switches; None means the director's own default."""

    use_dns_addresses: Flag | None = None
    use_short_dns_addresses: Flag | None = None
    use_link_dns_names: Flag | None = None
    randomize_az_placement: Flag | None = None
    converge_variables: Flag | None = None
    use_tmpfs_config: Flag | None = None


class Manifest(Piece):
    """The whole manifest."""

    is_bosh_document: ClassVar[bool] = True
    retired: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "jobs": "Rename it to 'instance_groups'.",
            "networks": "Move networks to the cloud config.",
            "resource_pools": "Move them to the cloud config as 'vm_types', and name 'stemcells' in the manifest.",
            "disk_pools": "Move them to the cloud config as 'disk_types'.",
            "azs": "Move 'azs' to the cloud config.",
            "vm_types": "Move 'vm_types' to the cloud config.",
            "vm_extensions": "Move 'vm_extensions' to the cloud config.",
            "disk_types": "Move 'disk_types' to the cloud config.",
            "compilation": "Move 'compilation' to the cloud config.",
        }
    )

    name: Text
    releases: tuple[ReleaseUse, ...] = ()
    release: ReleaseUse | None = None
    stemcells: Annotated[tuple[StemcellUse, ...], Field(min_length=1)]
    update: DeploymentUpdate
    instance_groups: tuple[InstanceGroup, ...] = ()
    addons: tuple[Addon, ...] = ()
    variables: tuple[VariableDefinition, ...] = ()
    features: Features = Features()
    tags: Mapping[Text, PlainText] = Field(default_factory=dict)
    properties: FreeMap = Field(default_factory=dict)
    director_uuid: Text | None = None
    manifest_version: Text | None = None
