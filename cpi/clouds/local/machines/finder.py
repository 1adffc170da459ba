"""FIND: what this cloud holds, read straight from its files; starts nothing and writes nothing.

Takes a state directory, gives Found values. A VM runs when its first process holds its lock. In a query for one
deployment, a damaged record of a VM or disk is an error, as its owner is unknown; in one for the environment, it is
listed with the rest.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.wire.api import Api
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskCid,
    FoundDisk,
    FoundSnapshot,
    FoundStemcell,
    FoundVm,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    OwnerQuery,
    SnapshotCid,
    StemcellCid,
    VmCid,
    VmCreated,
    VmState,
    deployment_of,
    deployment_text,
)

_DAMAGED = "damaged"
_R = TypeVar("_R", bound=Mapping[str, object])


class LocalFinder:
    def __init__(self, api: Api) -> None:
        self._api = api

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        state, is_of_all = self._api.state, query.deployment is None
        vms = records.list_whole_vms(state) if is_of_all else records.list_vms(state)
        mine = _owned(vms, lambda vm: vm["owner"], query)
        found = tuple(_found_vm(state, vm) for vm in mine if is_whole(state, vm))
        return (*found, *(_damaged_vm(state, cid, query) for cid in records.damaged_vms(state) if is_of_all))

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]:
        state, is_of_all = self._api.state, query.deployment is None
        disks = records.list_whole_disks(state) if is_of_all else records.list_disks(state)
        mine = _owned(disks, lambda disk: disk["owner"], query)
        found = tuple(
            FoundDisk(
                cid=DiskCid(disk["cid"]),
                owner=read_owner(disk["owner"]),
                size_mib=disk["size_mib"],
                vm_cid=VmCid(disk["vm"]) if disk["vm"] else None,
                tags=disk["tags"],
            )
            for disk in mine
        )
        return (*found, *(_damaged_disk(cid, query) for cid in records.damaged_disks(state) if is_of_all))

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]:
        mine = _owned(records.list_stemcells(self._api.state), lambda stemcell: stemcell["owner"], query)
        return tuple(
            FoundStemcell(
                cid=StemcellCid(stemcell["cid"]),
                owner=read_owner(stemcell["owner"]),
                os=stemcell["os"],
                version=stemcell["version"],
                architecture=stemcell["architecture"],
            )
            for stemcell in mine
            if stemcell["state"] == "created"
        )

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]:
        mine = _owned(records.list_snapshots(self._api.state), lambda snapshot: snapshot["owner"], query)
        return tuple(
            FoundSnapshot(
                cid=SnapshotCid(snapshot["cid"]),
                owner=read_owner(snapshot["owner"]),
                disk_cid=DiskCid(snapshot["disk"]),
                tags=snapshot.get("tags", {}),
            )
            for snapshot in mine
            if snapshot["state"] == "created"
        )


def is_whole(state: str, vm: records.LocalVm) -> bool:
    """Whether a VM exists: one whose making was cut short does, once it lives."""
    return vm["state"] == "created" or _is_running(state, vm["cid"])


def read_owner(record: records.OwnerRecord) -> OwnerKey:
    """An owner key as a value."""
    return OwnerKey(
        environment=record["environment"], deployment=deployment_of(record["deployment"]), action=record["action"]
    )


def write_owner(owner: OwnerKey) -> records.OwnerRecord:
    """An owner key as a record."""
    return {"environment": owner.environment, "deployment": deployment_text(owner.deployment), "action": owner.action}


def read_created(vm: records.LocalVm) -> VmCreated:
    """The result of create_vm for a VM."""
    return VmCreated(
        cid=VmCid(vm["cid"]),
        networks=tuple(_read_nic(nic) for nic in vm["nics"]),
        host_key=vm["host_key"] or None,
    )


def _found_vm(state: str, vm: records.LocalVm) -> FoundVm:
    return FoundVm(
        created=read_created(vm),
        owner=read_owner(vm["owner"]),
        state=VmState.RUNNING if _is_running(state, vm["cid"]) else VmState.STOPPED,
        disk_cids=tuple(DiskCid(disk) for disk in vm["disks"]),
        tags=vm["tags"],
    )


def _damaged_vm(state: str, cid: str, query: OwnerQuery) -> FoundVm:
    """One whose record is damaged is the environment's all the same, as every cloud is of one; more is not known."""
    return FoundVm(
        created=VmCreated(cid=VmCid(cid), networks=()),
        owner=OwnerKey(environment=query.environment, deployment=ENVIRONMENT_ITSELF, action=_DAMAGED),
        state=VmState.RUNNING if _is_running(state, cid) else VmState.STOPPED,
    )


def _damaged_disk(cid: str, query: OwnerQuery) -> FoundDisk:
    owner = OwnerKey(environment=query.environment, deployment=ENVIRONMENT_ITSELF, action=_DAMAGED)
    return FoundDisk(cid=DiskCid(cid), owner=owner, size_mib=0)


def _is_running(state: str, cid: str) -> bool:
    return locks.find_holder(f"{state}/vms/{cid}/lock") != 0


def _read_nic(nic: records.NicRecord) -> NetworkSettings:
    return NetworkSettings(
        name=nic["name"],
        kind=NetworkKind(nic["kind"]),
        ip=nic["ip"],
        prefix=nic["prefix"],
        gateway=nic["gateway"],
        dns=tuple(nic["dns"]),
        defaults=tuple(nic["defaults"]),
        cloud_properties=nic["cloud_properties"],
        nic_group=nic.get("nic_group", ""),
    )


def _owned(found: Iterable[_R], owner_of: Callable[[_R], records.OwnerRecord], query: OwnerQuery) -> Iterable[_R]:
    for record in found:
        owner = owner_of(record)
        if owner["environment"] == query.environment and query.deployment in (None, deployment_of(owner["deployment"])):
            yield record
