"""Every cloud that passes the suite, with what a test must know of it.

Takes a directory, gives a cloud with one network and one stemcell.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud, ConnectSettings, Finder, Landing
from cpi.contract.values import (
    DiskRequest,
    JsonValue,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmRequest,
)
from cpi.plugins import find_plugin
from tests.support import disk_images
from tests.support.aws import security_groups as aws_groups
from tests.support.aws import shared as aws
from tests.support.azure import security_groups as azure_groups
from tests.support.azure.azurite import REASON
from tests.support.azure.stand_in import azure_stand_in, held_images
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

    held: Callable[[], tuple[str, ...]] = tuple
    """Images, snapshots and disks that there are by the cloud's own word, whoever's they are."""

    @property
    def finder(self) -> Finder:
        """The cloud's finder; every cloud of ours has one."""
        assert self.connected.finder is not None
        return self.connected.finder

    @property
    def landing(self) -> Landing:
        """The cloud's landing zone; every cloud of ours has one."""
        assert self.connected.landing is not None
        return self.connected.landing

    def owner(self, action: str, deployment: str = "app") -> OwnerKey:
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


def _in_memory(_folder: Path) -> Subject:
    return prepare(connect_cloud(MemoryCloud(Rules(has_storage=True))))


def prepare(connected: ConnectedCloud) -> Subject:
    """Make the landing zone and the stemcell that every test needs."""
    assert connected.landing is not None
    owner = OwnerKey(environment=ENVIRONMENT, deployment="", action="setup")
    spec = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))
    for resource in connected.landing.landing_resources(spec):
        connected.landing.create_landing_resource(resource, owner)
    known = connected.cloud.info()
    request = StemcellRequest(owner=owner, os=known.default_os, version=known.default_version)
    return Subject(connected=connected, stemcell=connected.cloud.create_stemcell(request))


def _on_aws(_folder: Path) -> Subject:
    emulator = aws.fresh_emulator()
    return replace(
        prepare(aws.connect(emulator, ENVIRONMENT)),
        vm_properties={"instance_type": "t3.micro"},
        landed_network="main-z1",
        image=disk_images.write_raw,
        inbound=lambda: aws_groups.read_inbound(emulator.region),
        held=lambda: aws.held_images(emulator),
    )


@contextmanager
def _on_azure(folder: Path) -> Iterator[Subject]:
    """The plugin against the stand-in, over TLS."""
    with azure_stand_in(folder) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(folder), properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        subject = replace(
            subject,
            image=disk_images.write_vhd,
            inbound=lambda: azure_groups.read_inbound(azure.place.store),
            held=lambda: held_images(azure),
        )
        if azure.place.blobs is None:
            subject = replace(subject, unstored=REASON, connected=replace(subject.connected, storage=None))
        yield subject


CLOUDS: Mapping[str, Callable[[Path], Subject]] = {"aws": _on_aws, "memory": _in_memory}
OPENED: Mapping[str, Callable[[Path], AbstractContextManager[Subject]]] = {"azure": _on_azure}
"""Those that have servers to end."""
