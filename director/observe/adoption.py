"""Instances without a record, read from the tags of their VMs and disks: what a lost state leaves behind.

Takes a state and what the cloud has, gives records. A create that was cut off is settled by its journal before anyone
looks, and a disk that was let go is tagged so: what else is there without a record had one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from cpi.contract.values import FoundDisk, FoundVm, StemcellCid, VmState
from director.errors import StateError
from director.model.agents import agent_address
from director.model.environments.observed import CLOUD_TAG, DISK_TAG, INSTANCE_TAG, NOT_ORPHANED, ORPHAN_TAG
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord, VmRecord
from director.model.ids import ActionId, GroupName, InstanceId

Thing = TypeVar("Thing", FoundVm, FoundDisk)
_NEEDED = frozenset({INSTANCE_TAG, "instance_group", "index"})


def adopted_records(
    state: DeploymentState, vms: Iterable[FoundVm], disks: Iterable[FoundDisk]
) -> tuple[InstanceRecord, ...]:
    """A record for each instance that the state lacks and whose VM or disk is there, by group and index.

    AZ, stemcell and cloud properties are not known. Raises StateError, code `disks-ambiguous`.
    """
    known = {record.id for record in state.instances}
    found_vms = by_instance(vm for vm in vms if vm.state is not VmState.INCOMPLETE)
    found_disks = by_instance(disk for disk in disks if disk.tags.get(ORPHAN_TAG, NOT_ORPHANED) == NOT_ORPHANED)
    lost = [instance for instance in {**found_vms, **found_disks} if instance not in known]
    records = [_record(instance, found_vms.get(instance, ()), found_disks.get(instance, ())) for instance in lost]
    return tuple(sorted(records, key=lambda record: (record.group, record.index, record.id)))


def by_instance(found: Iterable[Thing]) -> dict[InstanceId, list[Thing]]:
    things: dict[InstanceId, list[Thing]] = {}
    for thing in found:
        if set(thing.tags) >= _NEEDED and thing.tags["index"].isdecimal():
            things.setdefault(InstanceId(thing.tags[INSTANCE_TAG]), []).append(thing)
    return things


def _record(instance: InstanceId, vms: Sequence[FoundVm], disks: Sequence[FoundDisk]) -> InstanceRecord:
    """Of several VMs, the one with the disk: the others are strays."""
    vm = max(vms, key=lambda each: len(each.disk_cids), default=None)
    tags: Mapping[str, str] = (vm or disks[0]).tags
    name = f"{tags['instance_group']}/{tags['index']}"
    named = _by_name(name, disks)
    on_store = named.pop("", None)
    return InstanceRecord(
        id=instance,
        group=GroupName(tags["instance_group"]),
        index=int(tags["index"]),
        addresses={net.name: net.ip for net in vm.created.networks if net.ip} if vm else {},
        vm=vm_record(vm) if vm else None,
        disk=on_store,
        named_disks=named,
    )


def _by_name(instance: str, disks: Sequence[FoundDisk]) -> dict[str, DiskRecord]:
    """Named disks, and under "" the one on the store. Raises StateError, code `disks-ambiguous`."""
    by_name: dict[str, list[FoundDisk]] = {}
    for disk in disks:
        by_name.setdefault(disk.tags.get(DISK_TAG, ""), []).append(disk)
    for same in by_name.values():
        if len(same) > 1:
            raise ambiguous_disks(instance, same)
    return {name: disk_record(same[0]) for name, same in by_name.items()}


def vm_record(found: FoundVm) -> VmRecord:
    return VmRecord(
        cid=found.created.cid,
        action=ActionId(found.owner.action),
        stemcell_cid=StemcellCid(""),
        networks=found.created.networks,
        cloud=found.tags[CLOUD_TAG],
        tags=found.tags,
        agent=agent_address.first_address(found.created.networks, found.created.host_key),
    )


def disk_record(found: FoundDisk) -> DiskRecord:
    return DiskRecord(
        cid=found.cid, action=ActionId(found.owner.action), size_mib=found.size_mib, cloud=found.tags[CLOUD_TAG]
    )


def ambiguous_disks(name: str, disks: Sequence[FoundDisk]) -> StateError:
    listed = ", ".join(f"{disk.cid} ({disk.size_mib} MiB)" for disk in disks)
    return StateError(
        "disks-ambiguous",
        f"The record of {name} is lost, and the cloud has {len(disks)} disks that belong to it: {listed}.",
        why="The record was lost while a disk replaced another; the disk with the complete content is unknown.",
        fix="Put state.db back from a backup; or inspect the disks in the cloud, and delete the obsolete one.",
    )
