"""The persistent disks and snapshots of an environment: what the clouds have, and whose each is or was.

Takes a Session, gives values. Where a cloud cannot list its resources, they come from the journal.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cpi.contract.values import DiskCid, FoundDisk, OwnerQuery, SnapshotCid
from director.actions.create_disk import CreateDisk
from director.actions.create_snapshot import CreateSnapshot
from director.actions.orphan_disk import OrphanDiskResult
from director.app.landing import recorded_resources
from director.app.sessions.session import Session
from director.model.environments import disk_sizes
from director.model.environments.environment import Environment
from director.model.environments.listed_disks import ListedDisk, ListedSnapshot
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import ActionId, RunId
from director.model.tasks.entries import Done
from director.model.tasks.work import CidResult
from director.observe import newer_resources
from director.plan.acting.kept_disks import OrphanedDisk


def list_disks(session: Session, environment: Environment) -> tuple[ListedDisk, ...]:
    """All of the environment, those in use first."""
    states = session.world.store.list_deployments(environment.name)
    owners = {disk.cid: (state, record) for state, record, disk in _recorded(states)}
    let_go = _let_go(session, environment)
    listed = [
        _listed(cloud, disk, owners=owners, let_go=let_go)
        if disk.cid in owners or not newer_resources.is_unrecorded(session.world, disk)
        else _unrecorded(cloud, disk)
        for cloud in session.world.clouds
        for disk in recorded_resources.take_inventory(session, cloud).disks
    ]
    return tuple(sorted(listed, key=lambda one: one.place))


def list_snapshots(session: Session, environment: Environment) -> tuple[ListedSnapshot, ...]:
    """All of the environment, by instance: its oldest first."""
    taken = {result.cid: (done, result) for done, result in _results(session, environment, "create_snapshot")}
    gone = {result.cid for _, result in _results(session, environment, "delete_snapshot")}
    listed = [
        each
        for cloud in session.world.clouds
        for each in _snapshots_on(session, environment, cloud, taken=taken)
        if each.cid not in gone
    ]
    return tuple(sorted(listed, key=lambda one: one.place))


def known_as_deleted(session: Session, environment: Environment, kind: str, *, cid: str) -> bool:
    """Whether the journal has the deletion: of "delete_disk" or "delete_snapshot"."""
    return any(result.cid == cid for _, result in _results(session, environment, kind))


def orphan_of(session: Session, disk: ListedDisk) -> OrphanedDisk:
    """The disk with what it was created with, as far as the journal knows it."""
    action = ActionId(disk.found.owner.action)
    run = session.world.journal.find_run(RunId(action.partition("/")[0]))
    whole = session.world.journal.load_run(run.environment, run.number) if run else None
    works = {each.id: each.work for each in whole.plan.actions} if whole else {}
    work = works.get(action)
    created, size_mib = work.request if isinstance(work, CreateDisk) else None, disk.found.size_mib
    return OrphanedDisk(
        cid=disk.found.cid,
        cloud=disk.cloud,
        size_mib=disk_sizes.recorded_mib(size_mib, created.size_mib if created else size_mib),
        created_by=action,
        instance=disk.instance,
        cloud_properties=created.cloud_properties if created else {},
    )


def _recorded(states: Iterable[DeploymentState]) -> Iterator[tuple[DeploymentState, InstanceRecord, DiskRecord]]:
    for state in states:
        for record in state.instances:
            yield from ((state, record, disk) for disk in record.disks)


def _let_go(session: Session, environment: Environment) -> Mapping[str, tuple[float, str]]:
    """When each disk was orphaned, and the name of the instance that had it."""
    journal = session.world.journal
    return {
        done.result.cid: (done.at, done.result.instance)
        for done in journal.read_done(environment.name, "orphan_disk", after=environment.former_runs)
        if isinstance(done.result, OrphanDiskResult)
    }


def _listed(
    cloud: str,
    disk: FoundDisk,
    *,
    owners: Mapping[DiskCid, tuple[DeploymentState, InstanceRecord]],
    let_go: Mapping[str, tuple[float, str]],
) -> ListedDisk:
    deployment = str(disk.owner.deployment)
    if disk.cid in owners:
        return ListedDisk(found=disk, cloud=cloud, deployment=deployment, instance=owners[disk.cid][1].name)
    at, instance = let_go.get(disk.cid, (0.0, ""))
    name = instance or disk.tags.get("orphaned_by", "")
    return ListedDisk(found=disk, cloud=cloud, deployment=deployment, instance=name, orphaned_at=at)


def _unrecorded(cloud: str, disk: FoundDisk) -> ListedDisk:
    """By its tags alone, which say for which instance it was created."""
    group, index = disk.tags.get("instance_group", ""), disk.tags.get("index", "")
    name = f"{group}/{index}" if group else ""
    deployment = str(disk.owner.deployment)
    return ListedDisk(found=disk, cloud=cloud, deployment=deployment, instance=name, is_recorded=False)


def _results(session: Session, environment: Environment, kind: str) -> Iterator[tuple[Done, CidResult]]:
    for done in session.world.journal.read_done(environment.name, kind, after=environment.former_runs):
        if isinstance(done.result, CidResult):
            yield done, done.result


def _snapshots_on(
    session: Session, environment: Environment, cloud: str, *, taken: Mapping[str, tuple[Done, CidResult]]
) -> Iterator[ListedSnapshot]:
    known = {cid: _taken(session, done) for cid, (done, _) in taken.items()}
    finder = session.world.clouds[cloud].finder
    if finder is None:
        yield from (replace(each, cid=SnapshotCid(cid)) for cid, each in known.items() if each and each.cloud == cloud)
        return
    for found in finder.find_snapshots(OwnerQuery(environment=environment.name)):
        each = known.get(found.cid)
        yield ListedSnapshot(
            cid=found.cid,
            cloud=cloud,
            deployment=str(found.owner.deployment),
            instance=each.instance if each else "",
            disk_cid=found.disk_cid,
            created_at=each.created_at if each else 0.0,
        )


def _taken(session: Session, done: Done) -> ListedSnapshot | None:
    run = session.world.journal.find_run(RunId(done.action.partition("/")[0]))
    whole = session.world.journal.load_run(run.environment, run.number) if run else None
    works = {each.id: each.work for each in whole.plan.actions} if whole else {}
    work = works.get(done.action)
    if not isinstance(work, CreateSnapshot):
        return None
    return ListedSnapshot(
        cid=SnapshotCid(""),
        cloud=work.cloud,
        deployment=str(work.owner.deployment),
        instance=work.instance_name,
        disk_cid=work.cid,
        created_at=done.at,
    )
