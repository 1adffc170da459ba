"""The local cloud's state: one small JSON file for each resource, replaced atomically, and its path.

Takes a state directory and records, gives records. A record is on disk before and after any crash, never between:
it is written beside, synced, and renamed. A damaged one is refused by name (record-damaged) when it is read, and by
list_vms and list_disks; other lists omit it, as `up` rewrites it.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from typing import NotRequired, TypedDict, TypeVar, cast
from urllib.parse import quote

from cpi.clouds.local.inside.records import shapes
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue


class OwnerRecord(TypedDict):
    environment: str
    deployment: str
    action: str


class CloudRecord(TypedDict):
    """cloud.json. `base` is the first shifted id (0: ids as they are); `python` the trees a VM's python3 needs."""

    environment: str
    state_dir: str
    mode: str
    base: int
    python: list[str]
    interpreter: str


class BootRecord(TypedDict):
    """boot.json, written by each new set of namespaces. `has_overlay`: the state's file system takes an overlay."""

    generation: str
    has_overlay: bool


class GenerationRecord(TypedDict):
    """generation.json: the namespaces in which VMs were switched on last."""

    generation: str


class NetworkRecord(TypedDict):
    """networks/NAME.json. `route_table` and `nat_gateway` are names, "" for none."""

    name: str
    cidr: str
    gateway: str
    gateways: list[str]
    route_table: NotRequired[str]
    nat_gateway: NotRequired[str]
    owner: OwnerRecord
    tags: NotRequired[dict[str, str]]


class AddressRecord(TypedDict):
    """addresses/NAME.json: a public address, and the VM that has it ("" for none)."""

    name: str
    ip: str
    vm: str
    owner: OwnerRecord
    tags: NotRequired[dict[str, str]]


class NicRecord(TypedDict):
    """One network of one VM. `network` is the cloud's own name of it, "" for a vip; `link` the router's end of it.

    Networks of one `nic_group` have the same link.
    """

    name: str
    kind: str
    network: str
    ip: str
    prefix: int
    gateway: str
    dns: list[str]
    defaults: list[str]
    cloud_properties: Mapping[str, JsonValue]
    link: str
    mac: str
    nic_group: NotRequired[str]


class LocalVm(TypedDict):
    """vms/CID/vm.json. `state` is creating or created; `wanted` running or stopped."""

    cid: str
    name: str
    owner: OwnerRecord
    agent_id: str
    stemcell: str
    nics: list[NicRecord]
    ssh_user: str
    ssh_key: str
    host_key: str
    cloud_properties: Mapping[str, JsonValue]
    env: Mapping[str, JsonValue]
    tags: dict[str, str]
    disks: list[str]
    state: str
    wanted: str


class LocalDisk(TypedDict):
    """disks/CID/disk.json. `vm` is "" when attached to none."""

    cid: str
    owner: OwnerRecord
    size_mib: int
    vm: str
    tags: dict[str, str]
    cloud_properties: Mapping[str, JsonValue]
    state: str


class StemcellRecord(TypedDict):
    """stemcells/CID/stemcell.json; its files are in rootfs next to it."""

    cid: str
    owner: OwnerRecord
    os: str
    version: str
    architecture: str
    state: str
    tags: NotRequired[dict[str, str]]


class SnapshotRecord(TypedDict):
    """snapshots/CID/snapshot.json; its files are in fs next to it. Records of earlier versions have no `tags`."""

    cid: str
    owner: OwnerRecord
    disk: str
    state: str
    tags: NotRequired[dict[str, str]]


class ForwardRecord(TypedDict):
    """One way in: the host's side `host`:`listen` leads to `address`:`port` in the cloud."""

    address: str
    port: int
    host: str
    listen: int


class EdgeRecord(TypedDict):
    """edge.json."""

    forwards: list[ForwardRecord]


class PointerRecord(TypedDict):
    """local-cloud.json in the director's private directory: the path of the cloud's state."""

    state: str


KINDS = {"vms": "vm.json", "disks": "disk.json", "stemcells": "stemcell.json", "snapshots": "snapshot.json"}

_R = TypeVar("_R")


def save(path: str, record: Mapping[str, object]) -> None:
    """Replace the file at `path` so that a reader, or a crash, sees the old one or the new one."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, path)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def load(path: str, shape: type[_R]) -> _R | None:
    """The record at `path`, None without it. Raises CloudError, code record-damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            record: object = json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, RecursionError, IsADirectoryError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    if not shapes.fits(record, shape):
        raise _damaged(path, f"It is JSON, but not a {shape.__name__}.")
    return cast(_R, record)


def load_whole(path: str, shape: type[_R]) -> _R | None:
    """The record at `path`, None without it and for a damaged one."""
    try:
        return load(path, shape)
    except CloudError:
        return None


def load_cloud(state: str) -> CloudRecord | None:
    return load(cloud_path(state), CloudRecord)


def load_network(state: str, name: str) -> NetworkRecord | None:
    return load(network_path(state, name), NetworkRecord)


def load_address(state: str, name: str) -> AddressRecord | None:
    return load(address_path(state, name), AddressRecord)


def load_edge(state: str) -> EdgeRecord:
    """The list is made again on demand, so a damaged one is an empty one."""
    return load_whole(f"{state}/edge.json", EdgeRecord) or {"forwards": []}


def load_vm(state: str, cid: str) -> LocalVm | None:
    return load(f"{state}/vms/{cid}/vm.json", LocalVm)


def load_disk(state: str, cid: str) -> LocalDisk | None:
    return load(f"{state}/disks/{cid}/disk.json", LocalDisk)


def load_stemcell(state: str, cid: str) -> StemcellRecord | None:
    return load(f"{state}/stemcells/{cid}/stemcell.json", StemcellRecord)


def load_snapshot(state: str, cid: str) -> SnapshotRecord | None:
    return load(f"{state}/snapshots/{cid}/snapshot.json", SnapshotRecord)


def list_networks(state: str) -> list[NetworkRecord]:
    return _whole(_files(f"{state}/networks"), NetworkRecord)


def list_addresses(state: str) -> list[AddressRecord]:
    return _whole(_files(f"{state}/addresses"), AddressRecord)


def list_vms(state: str) -> list[LocalVm]:
    """Every VM. Raises CloudError, code record-damaged: the owner of such a VM is unknown."""
    found = (load(path, LocalVm) for path in _paths(state, "vms"))
    return [vm for vm in found if vm is not None]


def list_whole_vms(state: str) -> list[LocalVm]:
    """The same without those whose record is damaged."""
    return _whole(_paths(state, "vms"), LocalVm)


def list_disks(state: str) -> list[LocalDisk]:
    """Every disk. Raises CloudError, code record-damaged."""
    found = (load(path, LocalDisk) for path in _paths(state, "disks"))
    return [disk for disk in found if disk is not None]


def list_whole_disks(state: str) -> list[LocalDisk]:
    """The same without those whose record is damaged."""
    return _whole(_paths(state, "disks"), LocalDisk)


def list_stemcells(state: str) -> list[StemcellRecord]:
    return _whole(_paths(state, "stemcells"), StemcellRecord)


def list_snapshots(state: str) -> list[SnapshotRecord]:
    return _whole(_paths(state, "snapshots"), SnapshotRecord)


def damaged_vms(state: str) -> list[str]:
    """The CIDs of VMs whose record is there and damaged."""
    return _damaged_cids(state, "vms", LocalVm)


def damaged_disks(state: str) -> list[str]:
    """The CIDs of disks whose record is there and damaged."""
    return _damaged_cids(state, "disks", LocalDisk)


def save_vm(state: str, vm: LocalVm) -> None:
    save(f"{state}/vms/{vm['cid']}/vm.json", vm)


def save_disk(state: str, disk: LocalDisk) -> None:
    save(f"{state}/disks/{disk['cid']}/disk.json", disk)


def cloud_path(state: str) -> str:
    """Where it is written what the cloud is."""
    return f"{state}/cloud.json"


def network_path(state: str, name: str) -> str:
    """The path of a network's record; any name makes one safe file name."""
    return f"{state}/networks/{quote(name, safe='')}.json"


def address_path(state: str, name: str) -> str:
    """The path of a public address's record."""
    return f"{state}/addresses/{quote(name, safe='')}.json"


def save_network(state: str, network: NetworkRecord) -> None:
    save(network_path(state, network["name"]), network)


def save_address(state: str, address: AddressRecord) -> None:
    save(address_path(state, address["name"]), address)


def _files(directory: str) -> list[str]:
    return [f"{directory}/{name}" for name in _names(directory) if name.endswith(".json")]


def _paths(state: str, kind: str) -> list[str]:
    return [f"{state}/{kind}/{name}/{KINDS[kind]}" for name in _names(f"{state}/{kind}")]


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except FileNotFoundError:
        return []


def _whole(paths: list[str], shape: type[_R]) -> list[_R]:
    found = (load_whole(path, shape) for path in paths)
    return [record for record in found if record is not None]


def _damaged_cids(state: str, kind: str, shape: type) -> list[str]:
    paths = [path for path in _paths(state, kind) if os.path.lexists(path) and load_whole(path, shape) is None]
    return [os.path.basename(os.path.dirname(path)) for path in paths]


def _damaged(path: str, why: str) -> CloudError:
    return CloudError(
        "record-damaged",
        f"A file of the local cloud is damaged: {path}.",
        why=why,
        fix=_WAYS_ON.get(os.path.basename(path), "Run `compleat up`: it rewrites the file."),
    )


_WAYS_ON = {
    KINDS[
        "vms"
    ]: "Restore it from a backup. Without one, remove the file: the next deploy recreates the VM and keeps its disks.",
    KINDS["disks"]: "Restore it from a backup; the disk's content is beside it in `fs`. `compleat down` deletes both.",
}
