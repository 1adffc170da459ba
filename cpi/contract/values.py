"""What crosses the boundary between a director and a cloud.

Takes nothing, gives frozen values. Names are BOSH's where BOSH has one.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import NewType

from cpi.contract import landing_parts
from cpi.contract.findings import QUOTA_LEFT as QUOTA_LEFT
from cpi.contract.findings import Finding as Finding
from cpi.contract.findings import QuotaNeed as QuotaNeed
from cpi.contract.json_value import JsonValue as JsonValue
from cpi.contract.owners import ENVIRONMENT_ITSELF as ENVIRONMENT_ITSELF
from cpi.contract.owners import EnvironmentItself as EnvironmentItself
from cpi.contract.owners import OwnerKey as OwnerKey
from cpi.contract.owners import OwnerQuery as OwnerQuery
from cpi.contract.owners import deployment_of as deployment_of
from cpi.contract.owners import deployment_text as deployment_text
from cpi.contract.value_classes import dataclass

VmCid = NewType("VmCid", str)
DiskCid = NewType("DiskCid", str)
StemcellCid = NewType("StemcellCid", str)
SnapshotCid = NewType("SnapshotCid", str)
LandingCid = NewType("LandingCid", str)


class NetworkKind(Enum):
    MANUAL = "manual"
    DYNAMIC = "dynamic"
    VIP = "vip"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """One network of one VM, as BOSH sends it to a CPI.

    `ip` is None only where the address is still open: the cloud chooses it. `prefix` is the subnet's
    length in bits; `gateway` is "" where there is none (vip). `defaults` is a sorted subset of
    ("addressable", "dns", "gateway"). Networks of a VM with the same `nic_group` share an interface, if the cloud can.
    """

    name: str
    kind: NetworkKind
    ip: str | None
    prefix: int = 32
    gateway: str = ""
    dns: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    nic_group: str = ""
    block_bits: int = 0
    """The length of the block of addresses that the VM is given, which begins at `ip`; 0 for one address."""

    def __post_init__(self) -> None:
        """Documents of earlier versions and some clouds' answers have "" for an open address."""
        if self.ip == "":
            object.__setattr__(self, "ip", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshAccess:
    """The login a new VM must accept: `public_key` is one OpenSSH line, added to `user`'s authorized keys."""

    user: str
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """The settings for a bosh-agent on the VM, besides the cloud's. Both contain secrets.

    `networks` are those of create_vm as the director sent them; `properties` are the CPI's own: mbus, ntp, blobstore.
    """

    networks: Mapping[str, JsonValue] = field(repr=False)
    properties: Mapping[str, JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VmRequest:
    """Everything create_vm needs. `name` is a short host name ([a-z0-9-], at most 63).

    `agent` None: no bosh-agent is on the image, and the login of `ssh` is made at the first boot. With one the agent
    makes logins itself, and the public key may be "". `later_disks` is how many disks it will get that do not exist
    yet: known to a plan and its checks, and of no meaning to create_vm.
    """

    name: str
    owner: OwnerKey
    agent_id: str
    stemcell_cid: StemcellCid
    networks: tuple[NetworkSettings, ...]
    ssh: SshAccess
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    disk_cids: tuple[DiskCid, ...] = ()
    env: Mapping[str, JsonValue] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    agent: AgentConfig | None = None
    later_disks: int = 0

    @property
    def disk_count(self) -> int:
        """How many persistent disks it will have."""
        return len(self.disk_cids) + self.later_disks


@dataclass(frozen=True, slots=True, kw_only=True)
class VmCreated:
    """A VM that exists: its CID and its networks with every address filled in.

    `host_key` is the VM's SSH host key as one OpenSSH line, None where the cloud cannot tell it (then it is pinned at
    first contact).
    """

    cid: VmCid
    networks: tuple[NetworkSettings, ...]
    host_key: str | None = None


class VmState(Enum):
    RUNNING = "running"
    STOPPED = "stopped"
    INCOMPLETE = "incomplete"  # leftovers of an interrupted create, which delete_vm removes


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVm:
    created: VmCreated
    owner: OwnerKey
    state: VmState
    disk_cids: tuple[DiskCid, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskRequest:
    """A persistent disk to create near `vm_cid` (None: anywhere in `az_properties`)."""

    owner: OwnerKey
    size_mib: int
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    vm_cid: VmCid | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDisk:
    """`vm_cid` is the VM it is attached to, None when to none."""

    cid: DiskCid
    owner: OwnerKey
    size_mib: int
    vm_cid: VmCid | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellRequest:
    """A stemcell to make known. `image_path` is "" for a light stemcell (the cloud has the image already).

    `source` is what the cloud makes the image of, as templates have it; None where path and properties say that.
    """

    owner: OwnerKey
    os: str
    version: str
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    image_path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    source: landing_parts.ImageSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStemcell:
    """`os`, `version` and `architecture` ("x86_64", "arm64") say for what packages must be compiled.

    `is_whole` False: its upload is incomplete. No VM can be created from it; the same request continues the upload, and
    deleting it removes the uploaded part.
    """

    cid: StemcellCid
    owner: OwnerKey
    os: str
    version: str
    architecture: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StockImage:
    """An image that the cloud has already and that serves as the stemcell of an operating system.

    `os`, `version` and `architecture` as in FoundStemcell; `cloud_properties` are those of the StemcellRequest that
    makes it usable. `description` names the image for people ("the stock image of Ubuntu 22.04 (...)").
    """

    os: str
    version: str
    architecture: str
    description: str
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)


NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSnapshot:
    cid: SnapshotCid
    owner: OwnerKey
    disk_cid: DiskCid
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudInfo:
    """What `info` says: the CPI API version, the formats of stemcells it takes, and its default stemcell.

    `are_networks_routed` is False where no route leads into its networks, and `Landing.endpoint_of` alone does;
    `has_control_groups` is False where root of a VM has none to limit processes by. `has_arm_sizes` says that its VM
    sizes are those that templates of Azure Resource Manager name.
    """

    api_version: int
    stemcell_formats: tuple[str, ...]
    default_os: str
    default_version: str
    architecture: str
    are_networks_routed: bool = True
    has_control_groups: bool = True
    has_arm_sizes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudIdentity:
    """Which place a cloud is: what stays the same for as long as resources made there are found there. No secrets.

    `facts` map the cloud's own words ("account", "region", "endpoint") to values, the most important first; "" means
    unknown. `title` names the place for people ("account 123456789012, region eu-central-1")."""

    facts: Mapping[str, str]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingSpec:
    """What an environment needs before its first VM.

    `networks` maps names to CIDRs: none where the cloud config names existing ones. `public_names` are the public
    addresses wanted ("jumpbox"). Templates add the rest: `created_networks` maps their managed networks to CIDRs."""

    networks: Mapping[str, str]
    public_names: tuple[str, ...]
    created_networks: Mapping[str, str] = field(default_factory=dict)
    network_parts: Mapping[str, landing_parts.NetworkParts] = field(default_factory=dict)
    security_groups: tuple[landing_parts.SecurityGroupSpec, ...] = ()
    route_tables: tuple[landing_parts.RouteTableSpec, ...] = ()
    nat_gateways: tuple[landing_parts.NatGatewaySpec, ...] = ()
    load_balancers: tuple[landing_parts.LoadBalancerSpec, ...] = ()
    availability_sets: tuple[landing_parts.AvailabilitySetSpec, ...] = ()
    storage_accounts: tuple[landing_parts.StorageAccountSpec, ...] = ()
    images: tuple[landing_parts.ImageSpec, ...] = ()
    """Stemcells, which are no landing resources: a cloud only says of them what it cannot express."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedNetwork:
    """A subnet that a deployment creates in the landing zone, as BOSH's director does with `managed: true`.

    VMs name it by the cloud property `network: NAME`. `cloud_properties` are the subnet's, over those of its AZ."""

    name: str
    cidr: str
    gateway: str = ""
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    parts: landing_parts.NetworkParts = landing_parts.NetworkParts()


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingResource:
    """One thing of the landing zone. `kind` is the plugin's own word ("network", "public_address").

    `after` names resources (by `name`) that must exist first. `properties` is what the plugin needs to make it.
    `entries` are a line for each rule or route that it is to have, None where it is left with those that it has.
    """

    kind: str
    name: str
    after: tuple[str, ...] = ()
    properties: Mapping[str, JsonValue] = field(default_factory=dict)
    entries: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLandingResource:
    """`outputs` are variables for cloud configs ("jumpbox_public_ip": "203.0.113.2"); `entries` are those it has."""

    cid: LandingCid
    kind: str
    name: str
    owner: OwnerKey
    outputs: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    place: landing_parts.InnerPlace = landing_parts.InnerPlace()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUrl:
    """A URL that needs no login while it is valid: a secret. `ca` is the PEM that its server is checked by, or ""."""

    url: str = field(repr=False)
    ca: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint as reached from the director's machine. Its port may differ from the requested one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightRequest:
    """What a plan is about to ask of the cloud: the very requests that would be sent.

    A VM's `stemcell_cid` is "" where the same plan makes the stemcell, and so is the `ip` of a vip network whose public
    address the same plan reserves. With nothing in it, it asks about the account alone. `leaving` are VMs that the
    plan deletes: what they use now is free for others later. `changed` are landing resources that are there and whose
    entries become these. `retags` are tags that it puts on VMs which are there.
    `growing` are VMs which are there and get more disks, each as its request with the number that it has at once.
    `lists_quotas`: find also what is left of each limit that counts the plan (QUOTA_LEFT).
    `direct` are the VMs that the director's machine connects to itself: jumpboxes, or all in an environment without;
    `is_inside`: at their private addresses, where its own known addresses are `director_addresses`.
    """

    landing: tuple[LandingResource, ...] = ()
    stemcells: tuple[StemcellRequest, ...] = ()
    vms: tuple[VmRequest, ...] = ()
    disks: tuple[DiskRequest, ...] = ()
    leaving: tuple[VmCid, ...] = ()
    changed: tuple[LandingResource, ...] = ()
    retags: tuple[Mapping[str, str], ...] = ()
    growing: tuple[VmRequest, ...] = ()
    lists_quotas: bool = False
    direct: frozenset[OwnerKey] = frozenset()
    is_inside: bool = False
    director_addresses: frozenset[str] = frozenset()

    def is_only_of_tags(self) -> bool:
        """Whether nothing is made or goes: then nothing but the tags can be refused."""
        return bool(self.retags) and not (self.landing or self.stemcells or self.vms or self.disks or self.leaving)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What `quantity` of one thing cost together, for an hour they exist. `amount` is a decimal number as text.

    `as_of` is the ISO date of the price list. `cores` are the processors of all together, None where not known.
    """

    what: str
    quantity: int
    amount: str
    currency: str
    as_of: str
    cores: int | None = 0
