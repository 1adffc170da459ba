"""The local cloud's state: one small JSON file for each thing, replaced whole, and where each lies.

Takes a state directory and records, gives records. A record is on disk before and after any crash, never between:
it is written beside, synced, and renamed.
"""

import json
import os
from collections.abc import Mapping
from typing import TypedDict, cast
from urllib.parse import quote

from cpi.values import JsonValue


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


class NetworkRecord(TypedDict):
    """networks/NAME.json."""

    name: str
    cidr: str
    gateway: str
    gateways: list[str]
    owner: OwnerRecord


class AddressRecord(TypedDict):
    """addresses/NAME.json: a public address, and the VM that has it ("" for none)."""

    name: str
    ip: str
    vm: str
    owner: OwnerRecord


class NicRecord(TypedDict):
    """One network of one VM. `network` is the cloud's own name of it, "" for a vip; `link` the router's end of it."""

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


class VmRecord(TypedDict):
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


class DiskRecord(TypedDict):
    """disks/CID/disk.json. `vm` is "" when attached to none."""

    cid: str
    owner: OwnerRecord
    size_mib: int
    vm: str
    tags: dict[str, str]
    cloud_properties: Mapping[str, JsonValue]
    state: str


class StemcellRecord(TypedDict):
    """stemcells/CID/stemcell.json; its files lie in rootfs beside."""

    cid: str
    owner: OwnerRecord
    os: str
    version: str
    architecture: str
    state: str


class SnapshotRecord(TypedDict):
    """snapshots/CID/snapshot.json; its files lie in fs beside."""

    cid: str
    owner: OwnerRecord
    disk: str
    state: str


class ForwardRecord(TypedDict):
    """One way in: the host's side `host`:`listen` leads to `address`:`port` in the cloud."""

    address: str
    port: int
    host: str
    listen: int


class EdgeRecord(TypedDict):
    """edge.json."""

    forwards: list[ForwardRecord]


KINDS = {"vms": "vm.json", "disks": "disk.json", "stemcells": "stemcell.json", "snapshots": "snapshot.json"}


def save(path: str, record: Mapping[str, object]) -> None:
    """Replace the file at `path` so that a reader, or a crash, sees the old one or the new one."""
    beside = f"{path}.{os.getpid()}.new"
    with open(beside, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(beside, path)


def load(path: str) -> object:
    """The record at `path`, None without it."""
    try:
        with open(path, encoding="utf-8") as file:
            record: object = json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return record


def load_all(directory: str, file_name: str = "") -> list[object]:
    """Every record of a directory: its *.json, or `file_name` in each of its own directories; in name order."""
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        return []
    if file_name:
        paths = [f"{directory}/{name}/{file_name}" for name in names]
    else:
        paths = [f"{directory}/{name}" for name in names if name.endswith(".json")]
    found = (load(path) for path in paths)
    return [record for record in found if record is not None]


def load_cloud(state: str) -> CloudRecord | None:
    return cast(CloudRecord | None, load(f"{state}/cloud.json"))


def load_boot(state: str) -> BootRecord | None:
    return cast(BootRecord | None, load(f"{state}/boot.json"))


def load_edge(state: str) -> EdgeRecord:
    return cast(EdgeRecord | None, load(f"{state}/edge.json")) or {"forwards": []}


def load_network(state: str, name: str) -> NetworkRecord | None:
    return cast(NetworkRecord | None, load(network_path(state, name)))


def load_address(state: str, name: str) -> AddressRecord | None:
    return cast(AddressRecord | None, load(address_path(state, name)))


def load_vm(state: str, cid: str) -> VmRecord | None:
    return cast(VmRecord | None, load(f"{state}/vms/{cid}/vm.json"))


def load_disk(state: str, cid: str) -> DiskRecord | None:
    return cast(DiskRecord | None, load(f"{state}/disks/{cid}/disk.json"))


def load_stemcell(state: str, cid: str) -> StemcellRecord | None:
    return cast(StemcellRecord | None, load(f"{state}/stemcells/{cid}/stemcell.json"))


def load_snapshot(state: str, cid: str) -> SnapshotRecord | None:
    return cast(SnapshotRecord | None, load(f"{state}/snapshots/{cid}/snapshot.json"))


def list_networks(state: str) -> list[NetworkRecord]:
    return cast(list[NetworkRecord], load_all(f"{state}/networks"))


def list_addresses(state: str) -> list[AddressRecord]:
    return cast(list[AddressRecord], load_all(f"{state}/addresses"))


def list_vms(state: str) -> list[VmRecord]:
    return cast(list[VmRecord], load_all(f"{state}/vms", KINDS["vms"]))


def list_disks(state: str) -> list[DiskRecord]:
    return cast(list[DiskRecord], load_all(f"{state}/disks", KINDS["disks"]))


def list_stemcells(state: str) -> list[StemcellRecord]:
    return cast(list[StemcellRecord], load_all(f"{state}/stemcells", KINDS["stemcells"]))


def list_snapshots(state: str) -> list[SnapshotRecord]:
    return cast(list[SnapshotRecord], load_all(f"{state}/snapshots", KINDS["snapshots"]))


def save_vm(state: str, vm: VmRecord) -> None:
    save(f"{state}/vms/{vm['cid']}/vm.json", vm)


def save_disk(state: str, disk: DiskRecord) -> None:
    save(f"{state}/disks/{disk['cid']}/disk.json", disk)


def network_path(state: str, name: str) -> str:
    """Where a network's record lies; any name makes one safe file name."""
    return f"{state}/networks/{quote(name, safe='')}.json"


def address_path(state: str, name: str) -> str:
    """Where a public address's record lies."""
    return f"{state}/addresses/{quote(name, safe='')}.json"


def save_network(state: str, network: NetworkRecord) -> None:
    save(network_path(state, network["name"]), network)


def save_address(state: str, address: AddressRecord) -> None:
    save(address_path(state, address["name"]), address)
