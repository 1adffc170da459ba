"""The Cloud protocol: BOSH's CPI v2 methods, and the optional abilities beside it.

Takes and gives values of cpi.contract.values; every method may raise the errors of cpi.contract.errors. All methods are
synchronous and return as soon as the cloud took the request and its effect can be named by a CID.
Source: cloudfoundry/bosh docs of the CPI API v2.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import BinaryIO, Protocol

from cpi.contract.landing_parts import JoinedParts
from cpi.contract.long_running import LongRunning
from cpi.contract.native_templates import NativeTemplates
from cpi.contract.part_findings import PartFinding
from cpi.contract.progress import NO_PROGRESS, Progress
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    NO_TAGS,
    CloudIdentity,
    CloudInfo,
    DiskCid,
    DiskRequest,
    Endpoint,
    Finding,
    FoundDisk,
    FoundLandingResource,
    FoundSnapshot,
    FoundStemcell,
    FoundVm,
    JsonValue,
    LandingCid,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    OwnerKey,
    OwnerQuery,
    PreflightRequest,
    Price,
    QuotaNeed,
    SignedUrl,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    StockImage,
    VmCid,
    VmCreated,
    VmRequest,
)


class Cloud(Protocol):
    """CPI v2. A create_* called twice with the same owner.action gives the same thing once."""

    def info(self) -> CloudInfo:
        """Say what this cloud is; touches nothing that costs."""

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        """Make an image usable; light stemcells only check that it exists. Raises NotFoundError if it does not.

        An image with a path is read once before the first byte is sent (size, digest, format), then sent in pieces.
        After an interruption the same request continues or starts again, without duplicates. Raises CloudError:
        image-not-readable, image-format-wrong, image-digest-wrong, image-changed.
        """

    def delete_stemcell(self, cid: StemcellCid) -> None:
        """After: absent. Absent before is success."""

    def create_vm(self, request: VmRequest) -> VmCreated:
        """After: the VM exists, is powered on or about to be, has its owner key, addresses and login.

        Raises: NoCapacityError, DeniedError, ConflictError (address taken), NotFoundError (stemcell, network).
        """

    def delete_vm(self, cid: VmCid) -> None:
        """After: absent, its disks detached and kept. Absent before is success."""

    def has_vm(self, cid: VmCid) -> bool:
        """Whether it exists, running or not."""

    def reboot_vm(self, cid: VmCid) -> None:
        """After: it was powered off and on; disks stay attached."""

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        """Put tags beside the owner key, which stays."""

    def create_disk(self, request: DiskRequest) -> DiskCid:
        """After: an empty disk of the asked size, attached to nothing."""

    def delete_disk(self, cid: DiskCid) -> None:
        """After: absent. Absent before is success. Raises ConflictError while attached."""

    def has_disk(self, cid: DiskCid) -> bool:
        """Whether it exists."""

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        """Give the disk to the VM; gives the hint under which the VM finds it (a device or directory path).

        Attached to this VM before is success. Raises ConflictError when another VM has it.
        """

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        """After: the VM no longer has it. Not attached before is success. Raises ConflictError while mounted."""

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        """Grow a detached disk. Raises NotSupportedError to shrink, ConflictError while attached."""

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        """Put tags beside the owner key, which stays."""

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        """Keep the disk's current content; the snapshot has the tags from its creation."""

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        """After: absent. Absent before is success."""

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        """The disks attached to a VM. Raises NotFoundError without the VM."""

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        """The cheapest cloud_properties that give at least this much."""


class Finder(Protocol):
    """FIND: our own resources, by the owner key they carry; a list call each, never one call per resource."""

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        """Running or not; and leftovers of interrupted creates (INCOMPLETE)."""

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]: ...

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]: ...

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]: ...


class StockImages(Protocol):
    """STOCK IMAGES: images of an operating system's publisher, which serve where no stemcell was uploaded."""

    def stock_image(self, os: str) -> StockImage:
        """The image for an operating system by BOSH's name ("ubuntu-jammy"). Pure: asks the cloud nothing.

        Raises NotSupportedError, code stock-image-unsupported: what is wrong with it, and how to name an image.
        """


class Landing(Protocol):
    """LANDING: what must exist before the first VM."""

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        """What this cloud needs for `spec`, in an order in which it can be made. Pure: asks the cloud nothing."""

    def managed_network(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        """What one more network needs in a landing zone that is there, in an order in which it can be made. Pure.

        Raises CloudError: managed-network-placed, network-range-invalid.
        """

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        """What this cloud cannot express of the parts that templates add (fatal), or does otherwise (a remark). Pure.

        `landing_resources` raises the first that is fatal.
        """

    def joined_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        """The cloud properties of a VM that joins parts of `spec`. Pure. Raises landing-part-refused."""

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        """After: it exists, whole. There before (ours, by kind and name) is success: what it lacks is added.

        Where `entries` are given it has those afterwards, and no other.
        """

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        """All of the environment's."""

    def delete_landing_resource(self, cid: LandingCid) -> None:
        """After: absent. Absent before is success. Raises ConflictError while something uses it."""

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        """Where the director's machine reaches `port` of the VM that holds `address`: a public one, or one of a network
        that this machine is in, or has no other way into (`CloudInfo.are_networks_routed`).

        Twice gives the same. Raises NotFoundError, code unknown-address, where the cloud leads there and has no such.
        """


class Storage(Protocol):
    """STORAGE: blobs in the landing zone's object storage, which only VMs read, by signed URLs."""

    kind: str
    """The kind of landing resource that it is; `delete_landing_resource` takes the blobs in it with it."""

    def put_blob(self, name: str, stream: BinaryIO, *, size: int) -> None:
        """After: it is there, whole. There before with that size is success, and the stream is not read.

        `name` is [a-z0-9/]+ and is never given to another content. Raises NotFoundError without the storage.
        """

    def sign_url(self, name: str, *, valid_s: int) -> SignedUrl:
        """Where a VM reads it for `valid_s` seconds by GET; whether it is there is not asked."""

    def list_blobs(self) -> Mapping[str, int]:
        """Everything in it: its size in bytes by its name. Empty without the storage."""

    def delete_blob(self, name: str) -> None:
        """After: it is not there. Twice is once, also without the storage."""


class Preflight(Protocol):
    """PREFLIGHT: everything that can be known before the first create."""

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        """Everything wrong with the account, and with `request` there, at once; creates nothing. Within 10 s."""

    def request_quota(self, need: QuotaNeed) -> str:
        """File the request to raise a limit; gives its id there. Raises NotSupportedError where a person must."""


class Pricing(Protocol):
    """PRICE: the cost of a plan, from a shipped list with a date; makes no call unless requested."""

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        """One entry for each kind of thing that costs; what has no known price is named with amount ""."""

    def refresh(self, request: PreflightRequest) -> bool:
        """Ask the cloud what the VMs of `request` cost today; False when it does not tell, then the list stays."""


class Power(Protocol):
    """POWER: a VM's power without its deletion."""

    def stop_vm(self, cid: VmCid) -> None: ...

    def start_vm(self, cid: VmCid) -> None: ...


class Console(Protocol):
    """CONSOLE: what a VM printed while it booted."""

    def console_log(self, cid: VmCid) -> str: ...


class Identity(Protocol):
    """IDENTITY: which place this is, so that another one under the same name is noticed before anything is asked."""

    def identify(self) -> CloudIdentity:
        """Account, region and endpoint, as far as the cloud knows them; asks the cloud at most once in its life."""

    def describe_login(self) -> str:
        """By which way the plugin signs in, and with which identity, for people; without secrets.

        "" where no login is needed. Asks the cloud nothing; after a call it may know more than before.
        """


class EndClock(Protocol):
    """END CLOCK: an end that a jumpbox brings about by itself, with a login that may delete the environment and nothing
    else. The end is a tag that the login cannot change; the program reads it again each time it looks."""

    job: str
    """The job that is the program, in the release of the jumpbox."""

    def job_properties(self) -> Mapping[str, JsonValue]:
        """What the program on the jumpbox needs to know; holds no secret. Pure.

        Raises NotSupportedError, code end-clock-unavailable, where the environment is not deleted as a whole.
        """

    def require_rights(self) -> None:
        """Raises DeniedError, code end-clock-denied, where this login may not give the jumpbox its own."""

    def set_end(self, at: float) -> None:
        """After: the program ends the environment some minutes after `at`. Success without a landing zone."""

    def give_login(self, vm_cid: VmCid) -> None:
        """After: programs on the VM have the login. Twice is once."""

    def revoke(self) -> None:
        """After: no end is set, and the login may do nothing. Twice is once, also without a landing zone."""


def _close_nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedCloud:
    """A cloud and its abilities; None where it lacks one. `name` is the plugin's.

    `close` is called once when the session ends, perhaps in the middle of calls: it ends what they still run here.
    """

    name: str
    cloud: Cloud
    long_running: LongRunning | None = None
    """The slow methods of `cloud`, `landing` and `power` for a caller that waits itself; those of the three wait in the
    call."""

    finder: Finder | None = None
    stock: StockImages | None = None
    landing: Landing | None = None
    has_landing_zone: bool = True
    """Whether `landing` makes more than managed networks, which a CPI executable alone makes."""

    preflight: Preflight | None = None
    power: Power | None = None
    console: Console | None = None
    pricing: Pricing | None = None
    storage: Storage | None = None
    identity: Identity | None = None
    native_templates: NativeTemplates | None = None
    end_clock: EndClock | None = None
    setting_remarks: tuple[Finding, ...] = ()
    """Settings that were accepted and have no effect: `preflight` reports them too."""

    close: Callable[[], None] = _close_nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSettings:
    """The settings of every plugin: the environment's name, and a private directory (0700) for state of its own.

    `tags` are the environment's own: the plugin sets them on everything that it creates, beside the owner
    key. A tag of the request (a VM's, a disk's) with the same name wins; the owner key's names are refused.
    `progress` receives what the plugin has to say during calls: it prints nothing itself.
    """

    environment: str
    state_dir: str
    properties: Mapping[str, JsonValue]
    tags: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = field(default=NO_PROGRESS, compare=False)


class Plugin(Protocol):
    """What a plugin module offers under the name PLUGIN."""

    name: str

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        """Check the properties and give a cloud. Raises CloudError, code `cloud-config-invalid`, for unknown keys."""
