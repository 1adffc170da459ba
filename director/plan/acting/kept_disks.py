"""Plans about single disks and snapshots: let go of, given to another instance, kept as a snapshot, deleted.

Takes records and what is asked, gives plans. Source: cloudfoundry/bosh jobs/attach_disk.rb, jobs/orphan_disk.rb,
jobs/delete_orphan_disk.rb, jobs/snapshot_deployment.rb.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, JsonValue, SnapshotCid
from director.actions.adopt_disk import AdoptDisk
from director.actions.create_snapshot import CreateSnapshot
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_snapshot import DeleteSnapshot
from director.actions.finish_instance import FinishInstance
from director.actions.orphan_disk import OrphanDisk
from director.model.environments.observed import INSTANCE_TAG
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Plan
from director.plan.acting import disks
from director.plan.action_factory import ActionFactory, Description, Line
from director.plan.environments import environment_plans
from director.plan.request import EnvironmentRequest, PlanRequest

ATTACHING = "Attaching disk"
ORPHANING = "Orphaning disk"
SNAPSHOTS = "Creating snapshots"
DELETING = "Deleting disks and snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedDisk:
    """A disk that no instance has: what is known of it. `created_by` is the action that created it.

    `instance` is the one that had it, "" if that is not known.
    """

    cid: DiskCid
    cloud: str
    size_mib: int
    created_by: ActionId
    instance: str
    cloud_properties: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSnapshot:
    """A snapshot to delete."""

    cid: SnapshotCid
    cloud: str


def plan_orphaning(state: DeploymentState, request: PlanRequest, *, record: InstanceRecord, disk: DiskRecord) -> Plan:
    """Let go of a disk of an instance that has no VM."""
    line = _line(state, request, record, stage=ORPHANING)
    names = {each.cid: name for name, each in record.named_disks.items()}
    old_names = {each.cid: name for name, each in record.old_named_disks.items()}
    is_old = disk.cid in old_names or (record.old_disk is not None and record.old_disk.cid == disk.cid)
    name = names.get(disk.cid, old_names.get(disk.cid, ""))
    line.add(OrphanDisk(cloud=disk.cloud, instance=record.id, disk=name, is_old=is_old))
    return _ended(line, state, request, record=record)


def plan_attaching(state: DeploymentState, request: PlanRequest, *, record: InstanceRecord, disk: OrphanedDisk) -> Plan:
    """Give an orphaned disk to a stopped instance; the one that it has is orphaned."""
    line = _line(state, request, record, stage=ATTACHING)
    if record.vm and record.disk and record.disk.hint:
        disks.take_down(line, record)
    if record.disk:
        line.add(OrphanDisk(cloud=record.disk.cloud, instance=record.id))
    line.add(
        AdoptDisk(
            cloud=disk.cloud,
            instance=record.id,
            cid=disk.cid,
            size_mib=disk.size_mib,
            created_by=disk.created_by,
            cloud_properties=disk.cloud_properties,
        )
    )
    return _ended(line, state, request, record=record)


def plan_snapshots(state: DeploymentState, request: PlanRequest, *, records: Iterable[InstanceRecord]) -> Plan:
    """Take a snapshot of each persistent disk of these instances."""
    factory = _factory(state, request)
    actions = [_snapshot(factory, record, disk) for record in records for disk in record.disks]
    return Plan(run=request.run, environment=state.environment, deployment=state.deployment, actions=tuple(actions))


def plan_deletions(
    request: EnvironmentRequest, orphans: Sequence[OrphanedDisk], snapshots: Sequence[KeptSnapshot]
) -> Plan:
    """Delete orphaned disks and snapshots."""
    factory = environment_plans.new_factory(request)
    about = Description(subject="", reason="its deletion was requested", stage=DELETING)
    of_snapshots = [
        factory.new_action(
            DeleteSnapshot(cloud=one.cloud, cid=one.cid), _about(about, f"snapshot {one.cid}"), detail=one.cid
        )
        for one in snapshots
    ]
    after = [action.id for action in of_snapshots]
    of_disks = [
        factory.new_action(
            DeleteDisk(cloud=one.cloud, cid=one.cid),
            Description(subject=f"disk {one.cid}", reason=_reason(one), stage=DELETING),
            after=after,
            detail=one.cid,
        )
        for one in orphans
    ]
    return environment_plans.plan_actions(request, [*of_snapshots, *of_disks])


def _reason(disk: OrphanedDisk) -> str:
    of = f" of {disk.instance}" if disk.instance else ""
    return f"orphan{of}, {disk.size_mib} MiB"


def _about(about: Description, subject: str) -> Description:
    return Description(subject=subject, reason=about.reason, stage=about.stage)


def _snapshot(factory: ActionFactory, record: InstanceRecord, disk: DiskRecord) -> Action:
    about = Description(subject=record.name, reason="a snapshot was requested", stage=SNAPSHOTS)
    owner = factory.owner_of(factory.id_of("create_snapshot", record.name, disk.cid))
    tags = {INSTANCE_TAG: str(record.id), "instance_group": str(record.group), "index": str(record.index)}
    work = CreateSnapshot(cloud=disk.cloud, cid=disk.cid, owner=owner, instance_name=record.name, tags=tags)
    return factory.new_action(work, about, detail=disk.cid)


def _line(state: DeploymentState, request: PlanRequest, record: InstanceRecord, *, stage: str) -> Line:
    about = Description(subject=record.name, reason="requested", stage=stage)
    return Line(_factory(state, request), about)


def _factory(state: DeploymentState, request: PlanRequest) -> ActionFactory:
    return ActionFactory(run=request.run, environment=state.environment, deployment=state.deployment)


def _ended(line: Line, state: DeploymentState, request: PlanRequest, *, record: InstanceRecord) -> Plan:
    """The instance is as it was wanted, and so is not unfinished."""
    line.add(FinishInstance(instance=record.id, applied=record.applied, wanted=record.wanted))
    return Plan(
        run=request.run, environment=state.environment, deployment=state.deployment, actions=tuple(line.actions)
    )
