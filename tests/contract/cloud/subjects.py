"""A connected cloud under test, and what a test must know of it.

Takes a connected cloud, gives it with one network and one stemcell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cpi.contract.cloud import ConnectedCloud, Finder, Landing
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskRequest,
    EnvironmentItself,
    JsonValue,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmRequest,
)
from tests.support.inbound_rules import Inbound

ENVIRONMENT = "contract"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFr test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A connected cloud under test. `network` are the cloud properties of its network, addresses are under `prefix`."""

    connected: ConnectedCloud
    stemcell: StemcellCid
    network: Mapping[str, JsonValue] = field(default_factory=dict)
    vm_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    disk_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    prefix: str = "10.9.0."
    landed_network: str = "main"
    """The landing resource that holds the network's first addresses."""
    image: Callable[[Path], Path] | None = None
    """Writes a disk into a folder, in the format that this cloud takes; None: it takes none."""
    unstored: str = "the cloud has no object storage"
    """Why, where it has none."""

    inbound: Callable[[], Mapping[str, Inbound]] | None = None
    """What the cloud's own security groups let in, by private address; None: it has none."""

    generalize: Callable[[VmCid], None] = lambda _: None
    """Makes a VM into one that images are made of, where that takes something."""
    cloud_image: str = ""
    """An image that the cloud has."""

    held: Callable[[], tuple[str, ...]] = tuple
    """All images, snapshots and disks in the cloud, with any owner."""

    @property
    def finder(self) -> Finder:
        """The cloud's finder; each of our clouds has one."""
        assert self.connected.finder is not None
        return self.connected.finder

    @property
    def landing(self) -> Landing:
        """The cloud's landing zone; each of our clouds has one."""
        assert self.connected.landing is not None
        return self.connected.landing

    def owner(self, action: str, deployment: str | EnvironmentItself = "app") -> OwnerKey:
        """An owner key of the environment under test."""
        return OwnerKey(environment=ENVIRONMENT, deployment=deployment, action=action)

    def vm_request(self, action: str, *, last: int = 10, kind: NetworkKind = NetworkKind.MANUAL) -> VmRequest:
        """A request for a small VM with the address that ends in `last`, or with any on a dynamic network."""
        is_dynamic = kind is NetworkKind.DYNAMIC
        network = NetworkSettings(
            name="main",
            kind=kind,
            ip="" if is_dynamic else f"{self.prefix}{last}",
            prefix=24,
            gateway="" if is_dynamic else f"{self.prefix}1",
            defaults=("dns", "gateway"),
            cloud_properties=self.network,
        )
        return VmRequest(
            name=f"vm-{last}",
            owner=self.owner(action),
            agent_id=action,
            stemcell_cid=self.stemcell,
            networks=(network,),
            ssh=SshAccess(user="vcap", public_key=PUBLIC_KEY),
            cloud_properties=self.vm_properties,
            tags={"deployment": "app"},
        )

    def disk_request(self, action: str, *, size_mib: int = 1024) -> DiskRequest:
        """A request for a disk that hangs nowhere; 1 GiB is the least that every cloud makes."""
        return DiskRequest(
            owner=self.owner(action),
            size_mib=size_mib,
            cloud_properties=self.disk_properties,
            tags={"deployment": "app"},
        )


def prepare(connected: ConnectedCloud) -> Subject:
    """Make the landing zone and the stemcell that every test needs."""
    assert connected.landing is not None
    owner = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")
    spec = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))
    for resource in connected.landing.landing_resources(spec):
        connected.landing.create_landing_resource(resource, owner)
    known = connected.cloud.info()
    request = StemcellRequest(owner=owner, os=known.default_os, version=known.default_version)
    return Subject(connected=connected, stemcell=connected.cloud.create_stemcell(request))
