"""Servers: bodies built and replies read.

Takes requests and what Nova told, gives what is sent to Nova and the VMs found.
"""

import base64
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from cpi.clouds.openstack.machines import networks, root_volumes
from cpi.clouds.openstack.machines.root_volumes import RootVolume
from cpi.clouds.openstack.wire import names, refusals, resource_tags
from cpi.clouds.openstack.wire.config import OpenStackConfig, VmProperties, read_properties
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    DiskCid,
    FoundVm,
    JsonValue,
    NetworkSettings,
    OwnerKey,
    VmCid,
    VmCreated,
    VmRequest,
    VmState,
)
from cpi.kit import agent_settings, judge, tag_limits
from cpi.kit import tags as owner_tags
from cpi.kit.refusals import Call

CloudAnswer = Mapping[str, Any]

_LEAVING = ("deleting", "soft-deleting")
_STOPPING = ("powering-off",)
_STARTING = ("powering-on", "rebooting", "reboot_pending", "reboot_started", "reboot_started_hard", "rebooting_hard")
_LONGEST_BUILD_S = 900.0
_DOWN = ("SHUTOFF", "ERROR", "SUSPENDED", "PAUSED", "SHELVED", "SHELVED_OFFLOADED")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerParts:
    """What a server is made of, by id; `ports` in the order of its cards, `macs` by network.

    `has_ephemeral`: the flavour has a second disk. `root`: the volume that it boots from; None without one.
    """

    properties: VmProperties
    flavor: str
    image: str
    ports: tuple[str, ...]
    networks: tuple[NetworkSettings, ...]
    macs: Mapping[str, str] = field(default_factory=dict)
    has_ephemeral: bool = False
    root: RootVolume | None = None
    pools: Mapping[str, str] = field(default_factory=dict)
    """Metadata of the load balancer pools that it is a member of."""


def read_vm_properties(request: VmRequest) -> VmProperties:
    """Check them.

    Raises instance-type-missing, zones-written-twice, root-disk-without-volume and those
    of read_properties.
    """
    properties = read_properties(VmProperties, request.cloud_properties, where=f"VM '{request.name}'")
    judge.require_instance_type(request.name, properties.instance_type, cloud="OpenStack", example="m1.small")
    _check_choices(request.name, properties)
    return properties


def _check_choices(name: str, properties: VmProperties) -> None:
    """Refuse two properties of which one would not be used."""
    if properties.availability_zone and properties.availability_zones:
        raise CloudError(
            "zones-written-twice",
            f"VM '{name}' has both availability_zone and availability_zones.",
            why="A server is in one zone.",
            fix="Remove one of them from the cloud config.",
        )
    if properties.boot_from_volume is False and properties.root_disk is not None:
        raise CloudError(
            "root-disk-without-volume",
            f"VM '{name}' has both root_disk and boot_from_volume: false.",
            why="Only a volume has its own size or type; otherwise the root disk is the flavor's.",
            fix="Remove root_disk, or boot_from_volume.",
        )


def match_flavor(wanted: str, answer: Sequence[CloudAnswer]) -> CloudAnswer:
    """The flavour of that name or id. Raises NotFoundError, code unknown-instance-type."""
    for flavor in answer:
        if wanted in (flavor["name"], flavor["id"]):
            return flavor
    known = sorted(str(flavor["name"]) for flavor in answer)
    found = judge.unknown_name("instance type", wanted, known, where="OpenStack", setting="instance_type")
    raise NotFoundError(found.code, found.what, why=found.why, fix=found.fix)


def smallest_flavor(answer: Iterable[CloudAnswer], *, cpu: int, ram_mib: int, disk_mib: int) -> str:
    """The name of the smallest that gives at least this much. Raises NotSupportedError, code no-such-size."""
    return judge.smallest(map(_capacity_of, answer), cpus=cpu, ram_mib=ram_mib, disk_mib=disk_mib)


def _capacity_of(flavor: CloudAnswer) -> judge.Capacity:
    name, ram_mib, cpus = str(flavor["name"]), int(flavor["ram"]), int(flavor["vcpus"])
    disk_gib = _disk_gib(flavor)
    rank = (ram_mib, cpus, disk_gib)
    return judge.Capacity(name=name, cpus=cpus, ram_mib=ram_mib, disk_mib=disk_gib * 1024, rank=rank)


def _disk_gib(flavor: CloudAnswer) -> int:
    return int(flavor["disk"]) + ephemeral_gib(flavor)


def ephemeral_gib(flavor: CloudAnswer) -> int:
    """The size of the second disk that a flavour gives, 0 for none."""
    return int(flavor.get("OS-FLV-EXT-DATA:ephemeral") or 0)


def write_server(request: VmRequest, parts: ServerParts, config: OpenStackConfig) -> CloudAnswer:
    """The whole body of POST /servers."""
    first_boot = agent_settings.write_user_data(request, _settings(request, parts, config))
    properties = parts.properties
    server: dict[str, Any] = {
        "name": request.name,
        "flavorRef": parts.flavor,
        "networks": [{"port": port} for port in parts.ports],
        "user_data": base64.b64encode(first_boot.encode()).decode(),
        "metadata": {**write_metadata(request, parts.networks), **parts.pools},
        **root_volumes.write_boot_source(parts.root, parts.image),
    }
    zone = properties.availability_zone or next(iter(properties.availability_zones), "")
    key = properties.key_name or config.default_key_name
    has_drive = bool(config.config_drive) if properties.config_drive is None else properties.config_drive
    server |= {"availability_zone": zone} if zone else {}
    server |= {"key_name": key} if key else {}
    server |= {"config_drive": True} if has_drive else {}
    hints = dict(properties.scheduler_hints)
    return {"server": server, **({"os:scheduler_hints": hints} if hints else {})}


def _settings(request: VmRequest, parts: ServerParts, config: OpenStackConfig) -> dict[str, JsonValue]:
    """A bosh-agent's, as Nova gives them to it: by the metadata service or the config drive."""
    disks: dict[str, JsonValue] = {"system": "/dev/sda", "ephemeral": "/dev/sdb" if parts.has_ephemeral else None}
    cards = agent_settings.NetworkCards(use_dhcp=config.use_dhcp, macs=parts.macs)
    return {**agent_settings.write_server(request), **agent_settings.write_settings(request, disks, cards)}


def write_metadata(request: VmRequest, settings: Sequence[NetworkSettings]) -> dict[str, str]:
    """Owner key, networks and tags, set on creation."""
    return {**write_tags(request.tags), **owner_tags.tags_of(request.owner), **networks.write_networks(settings)}


def check_tag_count(request: VmRequest) -> None:
    """Raises CloudError, code too-many-tags, for more metadata than Nova keeps on a server."""
    count = len(write_metadata(request, request.networks)) + len(read_vm_properties(request).loadbalancer_pools)
    if count > resource_tags.LIMITS.most:
        raise tag_limits.too_many(count, resource_tags.LIMITS)


def write_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as metadata, cut as by BOSH's CPI. Raises CloudError, code tag-not-allowed, for a reserved one."""
    for key in tags:
        if _is_own(key):
            raise tag_limits.reserved(key)
    return tag_limits.cut(tags, resource_tags.LIMITS)


def read_tags(metadata: Mapping[str, str]) -> dict[str, str]:
    """What is there beside what we wrote for ourselves."""
    return {key: value for key, value in metadata.items() if not _is_own(key)}


def _is_own(key: str) -> bool:
    return key in owner_tags.OWNER_TAGS or key.startswith((names.NETWORKS, names.POOLS))


def owner_of(answer: CloudAnswer) -> OwnerKey | None:
    """Whose a server, volume or snapshot is."""
    return owner_tags.read_owner(answer.get("metadata") or {})


def is_alive(answer: CloudAnswer) -> bool:
    """Whether it is there and will stay."""
    return answer.get("OS-EXT-STS:task_state") not in _LEAVING and answer["status"] not in ("DELETED", "SOFT_DELETED")


def read_created(answer: CloudAnswer) -> VmCreated:
    """The VM as it was given its networks."""
    return VmCreated(cid=VmCid(answer["id"]), networks=networks.read_networks(answer.get("metadata") or {}))


def read_vm(answer: CloudAnswer) -> FoundVm | None:
    """A server as a VM; None: without an owner key, or being deleted."""
    owner = owner_of(answer)
    if owner is None or not is_alive(answer):
        return None
    return FoundVm(
        created=read_created(answer),
        owner=owner,
        state=_read_state(answer),
        disk_cids=read_disks(answer),
        tags=read_tags(answer.get("metadata") or {}),
    )


def _read_state(answer: CloudAnswer) -> VmState:
    task = answer.get("OS-EXT-STS:task_state")
    if task in _STOPPING:
        return VmState.STOPPED
    if task in _STARTING:
        return VmState.RUNNING
    return VmState.STOPPED if answer["status"] in _DOWN else VmState.RUNNING


def read_disks(answer: CloudAnswer) -> tuple[DiskCid, ...]:
    """Its volumes but those that die with it (a root disk)."""
    held = answer.get("os-extended-volumes:volumes_attached") or ()
    return tuple(DiskCid(each["id"]) for each in held if not each.get("delete_on_termination"))


def failure_of(answer: CloudAnswer) -> CloudError | None:
    """Why Nova gave a server up; None while it did not."""
    if answer["status"] != "ERROR":
        return None
    fault = answer.get("fault") or {}
    why = f"Nova reports {fault.get('code', '')}: {fault.get('message', 'nothing')}"[:400]
    if "No valid host" in why or "Exceeded maximum number of retries" in why:
        return refusals.no_host(Call(name=f"server '{answer.get('name', '')}'", is_changing=True), why)
    return CloudError(
        "operation-failed",
        f"Nova failed to create server '{answer.get('name', '')}'.",
        why=why,
        fix="Fix the cause that Nova names, or ask the cloud's operator; then run the same command.",
    )


def require_built(answer: CloudAnswer) -> None:
    """Raises TransientError while Nova builds it: it takes no other order then, and may deny that it is there."""
    if answer["status"] == "BUILD":
        raise refusals.not_ready(
            f"Server {answer['id']}", f"Nova is building it ({answer.get('OS-EXT-STS:task_state')})."
        )


def require_root(answer: CloudAnswer, *, now_s: float) -> None:
    """Raises TransientError for one that is being built on a volume: deleted now, Nova would leave the volume behind.

    One that hangs in its building is let go of after a while.
    """
    born_s = _seconds_of(str(answer.get("created") or ""))
    if not answer.get("image") and now_s - born_s < _LONGEST_BUILD_S:
        require_built(answer)


def _seconds_of(time: str) -> float:
    try:
        return datetime.datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0


def unknown_vm(cid: str) -> NotFoundError:
    """No such server, by what Nova says or by the look of its id."""
    return NotFoundError(
        "unknown-vm",
        f"OpenStack has no server {cid}.",
        why="It was deleted, or never existed.",
        fix="If it was deleted outside compleat, `compleat deploy` creates it again, with its disks.",
    )
