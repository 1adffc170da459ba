"""What should be: one deployment as its manifest and the cloud config want it, everything looked up and checked.

Takes nothing, gives frozen values. Secrets are names. Source of the meanings: cloudfoundry/bosh deployment_plan/.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import NetworkParts
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, NetworkKind, StockImage
from director.model import secret_ref
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.document_places import NO_PLACES, DocumentPlaces
from director.model.documents import Remark
from director.model.environments.deployment_dns import DnsFeatures, LinkAlias
from director.model.environments.managed_networks import ManagedNeed
from director.model.environments.shared_links import DeploymentLinks
from director.model.ids import DeploymentName, EnvironmentName, GroupName
from director.model.releases.release import PackageSource, ReleaseJob
from director.model.secret_ref import Property
from director.model.variable_options import PREVIOUS_OF


@dataclass(frozen=True, slots=True, kw_only=True)
class Az:
    """`cloud` is the name of one of the environment's clouds."""

    name: str
    cloud: CloudName = ONLY_CLOUD
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IpRange:
    """Addresses from `first` to `last`, both included, as text."""

    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """`azs` empty means any. `reserved` and `static` are never handed out dynamically.

    On a dynamic network `cidr` and `gateway` are "": the cloud chooses the address. On a vip network they are "", too,
    and instances without addresses of their own get those of `static`. `block_bits` is the length of the block of
    addresses that each instance wants, 0 for one address.
    """

    cidr: str
    gateway: str
    dns: tuple[str, ...] = ()
    azs: tuple[str, ...] = ()
    reserved: tuple[IpRange, ...] = ()
    static: tuple[IpRange, ...] = ()
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    block_bits: int = 0
    managed: str = ""
    """Its name in the landing zone, where the deployment that first uses it creates it."""

    parts: NetworkParts = NetworkParts()
    """What it has there of the parts that templates add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    name: str
    kind: NetworkKind
    subnets: tuple[Subnet, ...] = ()
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNetwork:
    """`static_ips` in the manifest's order, one for each instance, or empty. The rest as in NetworkSettings."""

    name: str
    static_ips: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    nic_group: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number, or a percentage of those that need updating (floor)."""

    number: int
    is_percent: bool = False

    def of(self, size: int) -> int:
        """How many of `size`; never above it."""
        return min(size, self.number * size // 100 if self.is_percent else self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTime:
    min_ms: int
    max_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePolicy:
    """`is_swapping` is BOSH's strategy create-swap-delete, where the group's networks allow it."""

    canaries: Count
    max_in_flight: Count
    canary_watch: WatchTime
    update_watch: WatchTime
    is_serial: bool = True
    is_initially_parallel: bool = False
    is_swapping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellOffer:
    """A stemcell the environment has or can make: for what packages are compiled, and how the cloud names it.

    `cid` is "" until it was created; `name` is that of an uploaded one, "" of others.
    """

    os: str
    version: str
    architecture: str
    cid: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockThere:
    """The stock image that one of the environment's clouds has for the operating system `asked`, by BOSH's name."""

    asked: str
    image: StockImage
    cloud: CloudName = ONLY_CLOUD

    def offer(self) -> StemcellOffer:
        """The stemcell that is made of it."""
        return StemcellOffer(os=self.image.os, version=self.image.version, architecture=self.image.architecture)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRefusal:
    """Why one of the environment's clouds has no stock image for the operating system `asked`."""

    asked: str
    error: CloudError
    cloud: CloudName = ONLY_CLOUD


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageNeed:
    """A package of a release for one stemcell. `key` is the compile cache key: source, dependencies, OS, architecture.

    `dependencies` are keys of direct dependencies. `version` is the fingerprint. `is_compiled` says that the release
    has it compiled for this stemcell.
    """

    key: str
    name: str
    version: str
    release: str
    stemcell: StemcellOffer
    source: PackageSource
    dependencies: tuple[str, ...] = ()
    is_compiled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInstance:
    """An instance of another deployment, with its address on the network that the link uses; or one of the manifest.

    The manifest may leave all but the address open.
    """

    address: str
    name: str | None = None
    id: str | None = None
    index: int | None = None
    az: str | None = None
    is_bootstrap: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSource:
    """Where a consumed link comes from: a provider of this or another deployment, or the manifest itself.

    A provider is `group`/`job`; its instances' addresses are known only to the plan. `network` "" means the
    provider's addressable network. `is_disk`: it is a named disk of the group, called `alias`. `alias` is the link's
    name at its provider. Of another `deployment`: `instances` are its instances. Without a provider: `instances` and
    `manual_address` of the manifest. `dns` is how the link names its instances.
    """

    group: str = ""
    job: str = ""
    network: str = ""
    deployment: DeploymentName | None = None
    alias: str = ""
    instances: tuple[LinkedInstance, ...] = ()
    manual_address: str = ""
    dns: DnsFeatures = field(default_factory=DnsFeatures)
    is_disk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link a job consumes, resolved. `properties` is the nested hash the provider hands over."""

    name: str
    type: str
    source: LinkSource
    properties: Mapping[str, Property] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedLink:
    name: str
    type: str
    alias: str
    is_shared: bool = False
    aliases: tuple[LinkAlias, ...] = ()
    """DNS names of the instances that provide it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A release job in a group. `properties` is the nested hash of declared properties, defaults filled in."""

    name: str
    release: str
    release_version: str
    source: ReleaseJob
    properties: Mapping[str, Property] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    provides: tuple[ProvidedLink, ...] = ()
    packages: tuple[str, ...] = ()
    """Keys of the packages it needs at run time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpec:
    """A persistent disk; `name` is the disk type's, "" when the manifest gives only a size."""

    size_mib: int
    name: str = ""
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)


class Lifecycle(Enum):
    SERVICE = "service"
    ERRAND = "errand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An instance group. `cloud_properties` is vm_type and extensions merged over those of the AZ.

    `disk` is mounted on the store; `named_disks` are `persistent_disks` by name, which jobs get as devices.

    `sized_properties` are those that a cloud, by its name, gives VMs with the resources wanted; they go over the rest.

    `packages` are the keys of all run-time packages of its jobs, sorted by name. `size` is its VM type or its
    vm_resources as text, for people.
    """

    name: GroupName
    instances: int
    stemcell: StemcellOffer
    networks: tuple[GroupNetwork, ...]
    update: UpdatePolicy
    azs: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    packages: tuple[str, ...] = ()
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    sized_properties: Mapping[CloudName, Mapping[str, JsonValue]] = field(default_factory=dict)
    env: Mapping[str, Property] = field(default_factory=dict)
    disk: DiskSpec | None = None
    named_disks: Mapping[str, DiskSpec] = field(default_factory=dict)
    lifecycle: Lifecycle = Lifecycle.SERVICE
    migrated_from: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    size: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """How packages are compiled; `sized_properties` as in a group."""

    workers: int
    network: str
    az: str | None = None
    is_reusing_vms: bool = True
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    sized_properties: Mapping[CloudName, Mapping[str, JsonValue]] = field(default_factory=dict)
    env: Mapping[str, JsonValue] = field(default_factory=dict)


class UpdateMode(Enum):
    """When a deploy generates a value again: never, at each deploy, when its options differ from those it has."""

    NO_OVERWRITE = "no-overwrite"
    OVERWRITE = "overwrite"
    CONVERGE = "converge"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSpec:
    """A value to generate: `name` as the vault knows it, `options` of its type (`ca` names another variable).

    `is_kept_on_stemcell` is BOSH's strategy `on-stemcell-change`: kept until every VM gets another stemcell.
    """

    name: str
    type: str
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    where: str = ""
    update_mode: UpdateMode = UpdateMode.NO_OVERWRITE
    is_kept_on_stemcell: bool = False

    @property
    def previous_of(self) -> str:
        """The whole name of the variable whose former value it has while that one is rotated; "" for another one."""
        name = self.options.get(PREVIOUS_OF)
        return name if isinstance(name, str) and self.type in ("password", "user") else ""

    @property
    def made_from(self) -> str:
        """The whole name of the variable that its value is made from, "" if it is of none."""
        ca = self.options.get("ca")
        return ca if isinstance(ca, str) and self.type == "certificate" else self.previous_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """`manifest` is the text as deployed, secrets as placeholders. Groups are in the manifest's order.

    `packages` holds every package that must be compiled for the groups, dependencies included, in an order in which
    each comes after what it needs. `variables` likewise: a CA before what it signs. `stock` are the images of which a
    plan makes the stemcells that a cloud does not have yet. `managed` are the networks that a plan creates for their
    first VM.
    """

    environment: EnvironmentName
    deployment: DeploymentName
    manifest: str
    azs: tuple[Az, ...]
    networks: tuple[Network, ...]
    groups: tuple[Group, ...]
    compilation: Compilation
    packages: tuple[PackageNeed, ...] = ()
    variables: tuple[VariableSpec, ...] = ()
    given_cas: Mapping[str, str] = field(default_factory=dict)
    """CAs of the operator's own that sign variables: their names as given, by their whole names in the vault."""
    tags: Mapping[str, str] = field(default_factory=dict)
    links: DeploymentLinks = field(default_factory=DeploymentLinks)
    stock: tuple[StockThere, ...] = ()
    dns: DnsFeatures = field(default_factory=DnsFeatures)
    managed: tuple[ManagedNeed, ...] = ()
    remarks: tuple[Remark, ...] = ()
    places: DocumentPlaces = NO_PLACES

    def group(self, name: str) -> Group | None:
        """The group called `name`, or None."""
        return next((group for group in self.groups if group.name == name), None)

    def network(self, name: str) -> Network | None:
        """The network called `name`, or None."""
        return next((network for network in self.networks if network.name == name), None)

    def packages_by_release(self) -> Mapping[str, tuple[str, ...]]:
        """The compile keys of all packages, by the name of their release."""
        found: dict[str, tuple[str, ...]] = {}
        for package in self.packages:
            found[package.release] = (*found.get(package.release, ()), package.key)
        return found

    def used_networks(self) -> frozenset[str]:
        """The networks of its instance groups, and that of compile VMs."""
        return frozenset({self.compilation.network, *(use.name for group in self.groups for use in group.networks)})

    def secret_names(self) -> tuple[str, ...]:
        """The secrets that it generates or that its templates see, links of other deployments included; sorted."""
        jobs = [job for group in self.groups for job in group.jobs]
        seen = [each for job in jobs for each in (job.properties, *(link.properties for link in job.links))]
        names = {name for value in seen for name in secret_ref.secret_names(value)}
        return tuple(sorted(names | {variable.name for variable in self.variables}))
