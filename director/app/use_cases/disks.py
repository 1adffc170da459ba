"""The use cases `disks`, `orphan-disk`, `attach-disk`, `delete-disk`, `snapshots` and those that take or delete them.

Takes a Session and names, gives tables, or changes a deployment or its disks by a plan.
"""

from collections.abc import Sequence

from cpi.contract.value_classes import dataclass
from director.app.landing import persistent_disks
from director.app.sessions import deployments, fingerprints, planned
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.app.use_cases.deploy import Confirm
from director.errors import InputError
from director.model.environments.environment import Environment
from director.model.environments.listed_disks import ListedDisk, ListedSnapshot
from director.model.environments.state import DesiredPower, DiskRecord, InstanceRecord
from director.model.ids import DeploymentName
from director.model.report import RunReport, Table
from director.model.tasks.caller import Caller
from director.observe import front as observing
from director.observe import newer_resources
from director.plan import front as planning
from director.plan.acting.kept_disks import KeptSnapshot
from director.plan.request import EnvironmentRequest
from director.report import disk_rows
from director.text import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskAttachment:
    """A disk, and the instance ("group/index") that is to have it."""

    deployment: str
    instance: str
    cid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unneeded:
    """What is to be deleted."""

    disks: Sequence[ListedDisk] = ()
    snapshots: Sequence[ListedSnapshot] = ()


def list_disks(session: Session, deployment: str | None, *, is_orphaned: bool) -> Table:
    """The persistent disks of the environment, or of one deployment; only orphans where that is asked.

    Raises InputError, code `deployment-missing`, for one that has neither instances nor disks.
    """
    environment = fingerprints.known_environment(session)
    found = [one for one in persistent_disks.list_disks(session, environment) if deployment in (None, one.deployment)]
    if not found:
        _require_deployment(session, deployment)
    listed = [one for one in found if one.is_orphan or not is_orphaned]
    return Table(
        name="disks",
        columns=disk_rows.COLUMNS,
        rows=tuple(disk_rows.disk_row(one, now=session.world.clock.now()) for one in listed),
        empty="No orphaned disks." if is_orphaned else "No persistent disks.",
    )


def list_snapshots(session: Session, deployment: str | None, instance: str | None) -> Table:
    """The snapshots of the environment, of one deployment, or of one of its instances.

    Raises InputError, code `deployment-missing`, for one that has neither instances nor snapshots.
    """
    environment = fingerprints.known_environment(session)
    every = persistent_disks.list_snapshots(session, environment)
    found = [one for one in every if deployment in (None, one.deployment)]
    if not found:
        _require_deployment(session, deployment)
    listed = [one for one in found if instance in (None, one.instance)]
    rows = tuple(disk_rows.snapshot_row(one) for one in listed)
    return Table(name="snapshots", columns=disk_rows.SNAPSHOT_COLUMNS, rows=rows, empty="No snapshots.")


def orphan_disk(session: Session, cid: str, *, caller: Caller, confirm: Confirm) -> RunReport | None:
    """Let go of a disk of an instance without a VM; None for one that is an orphan already.

    Raises InputError: disk-unknown, disk-in-use; StateError, code `state-older`.
    """
    environment = fingerprints.known_environment(session)
    listed = _find(session, environment, cid)
    if listed.is_orphan:
        return None
    with running.hold_deployment(session, environment, DeploymentName(listed.deployment), caller=caller) as held:
        observing.observe_clouds(session.world, environment, desired=None, state=held.state)
        record, disk = _owner(held.state.instances, listed)
        if record.vm is not None:
            raise InputError(
                "disk-in-use",
                f"Disk '{cid}' is used by {record.name}.",
                why=f"{record.name} has VM '{record.vm.cid}'; a disk is orphaned once its instance has none.",
                fix=f"Run `compleat stop -d {listed.deployment} {record.name} --hard` first.",
            )
        plan = planning.make_orphaning_plan(held.state, planned.plain_request(environment), record=record, disk=disk)
        confirm(plan)
        return running.report_run(running.run_plan(session, held, plan))


def attach_disk(session: Session, wanted: DiskAttachment, *, caller: Caller, confirm: Confirm) -> RunReport | None:
    """Give an orphaned disk to a stopped instance, whose own disk is orphaned; None if it has the disk already.

    Raises InputError: instance-unknown, instance-not-stopped, disk-unknown, disk-in-use, disk-elsewhere; StateError,
    code `state-older`.
    """
    environment = fingerprints.known_environment(session)
    deployment = wanted.deployment
    session.deployment(deployment)
    with running.hold_deployment(session, environment, DeploymentName(deployment), caller=caller) as held:
        observing.observe_clouds(session.world, environment, desired=None, state=held.state)
        record = deployments.require_instance(held.state.instances, deployment, wanted.instance)
        listed = _find(session, environment, wanted.cid)
        if record.disk and record.disk.cid == listed.found.cid:
            return None
        _require_attachable(listed, record, deployment=deployment)
        disk = persistent_disks.orphan_of(session, listed)
        plan = planning.make_attaching_plan(held.state, planned.plain_request(environment), record=record, disk=disk)
        confirm(plan)
        return running.report_run(running.run_plan(session, held, plan))


def delete_disk(session: Session, cid: str, *, caller: Caller, confirm: Confirm) -> RunReport | None:
    """Delete an orphaned disk; None if it was deleted before.

    Raises InputError: disk-unknown, disk-in-use; StateError, code `state-older`.
    """
    environment = fingerprints.known_environment(session)
    if persistent_disks.known_as_deleted(session, environment, "delete_disk", cid=cid):
        return None
    listed = _find(session, environment, cid)
    if not listed.is_recorded:
        _require_left_over(session, environment, listed)
    elif not listed.is_orphan:
        raise InputError(
            "disk-in-use",
            f"Disk '{cid}' is used by {listed.instance} of deployment '{listed.deployment}'.",
            why="Only orphaned disks are deleted.",
            fix="Stop the instance with --hard and run `compleat orphan-disk` first.",
        )
    return _delete(session, environment, _Unneeded(disks=[listed]), caller=caller, confirm=confirm)


def delete_orphans(
    session: Session, orphans: Sequence[ListedDisk], *, caller: Caller, confirm: Confirm
) -> RunReport | None:
    """Delete orphaned disks; those that have gone meanwhile, or that an instance has again, are left out."""
    environment = fingerprints.known_environment(session)
    wanted = {one.found.cid for one in orphans}
    now = persistent_disks.list_disks(session, environment)
    left = [one for one in now if one.is_orphan and one.found.cid in wanted]
    return _delete(session, environment, _Unneeded(disks=left), caller=caller, confirm=confirm) if left else None


def take_snapshots(
    session: Session, deployment: str, instance: str | None, *, caller: Caller, confirm: Confirm
) -> RunReport | None:
    """Take a snapshot of each persistent disk of a deployment, or of one instance; None if there is no disk.

    Raises InputError: deployment-missing, instance-unknown.
    """
    environment = fingerprints.known_environment(session)
    session.deployment(deployment)
    with running.hold_deployment(session, environment, DeploymentName(deployment), caller=caller) as held:
        records = sorted(held.state.instances, key=lambda record: (record.group, record.index))
        chosen = records if instance is None else (deployments.require_instance(records, deployment, instance),)
        plan = planning.make_snapshot_plan(held.state, planned.plain_request(environment), records=chosen)
        if plan.is_empty:
            return None
        confirm(plan)
        return running.report_run(running.run_plan(session, held, plan))


def delete_snapshots(
    session: Session, deployment: str | None, cid: str | None, *, caller: Caller, confirm: Confirm
) -> RunReport | None:
    """Delete one snapshot, or all of a deployment; None if there is none left.

    Raises InputError: snapshot-unknown, deployment-missing.
    """
    environment = fingerprints.known_environment(session)
    listed = persistent_disks.list_snapshots(session, environment)
    chosen = [one for one in listed if (cid is None or one.cid == cid) and deployment in (None, one.deployment)]
    if cid is not None and not chosen:
        if persistent_disks.known_as_deleted(session, environment, "delete_snapshot", cid=cid):
            return None
        raise _unknown("snapshot", cid, [str(one.cid) for one in listed])
    if not chosen:
        _require_deployment(session, deployment)
        return None
    return _delete(session, environment, _Unneeded(snapshots=chosen), caller=caller, confirm=confirm)


def _require_left_over(session: Session, environment: Environment, listed: ListedDisk) -> None:
    """Of a deployment that the state does not know, and attached to no VM. Raises StateError, code `state-older`."""
    names = {str(state.deployment) for state in session.world.store.list_deployments(environment.name)}
    if listed.found.vm_cid is not None or listed.deployment in names:
        newer_resources.require_known(session.world, environment.name, vms=(), disks=(listed.found,))


def _require_deployment(session: Session, name: str | None) -> None:
    """Of a deployment that is gone, what is left has its name: one without anything was never there."""
    if name is not None:
        session.deployment(name)


def _delete(
    session: Session, environment: Environment, unneeded: _Unneeded, *, caller: Caller, confirm: Confirm
) -> RunReport:
    with running.hold_environment(session, environment, caller=caller) as held:
        request = EnvironmentRequest(run=new_run_id(), environment=environment.name)
        plan = planning.make_disk_deletion_plan(
            request,
            [persistent_disks.orphan_of(session, one) for one in unneeded.disks],
            [KeptSnapshot(cid=one.cid, cloud=one.cloud) for one in unneeded.snapshots],
        )
        confirm(plan)
        report = running.report_run(running.run_plan(session, held.own, plan))
        session.world.store.delete_deployment(held.own.lease)
    return report


def _find(session: Session, environment: Environment, cid: str) -> ListedDisk:
    listed = {str(one.found.cid): one for one in persistent_disks.list_disks(session, environment)}
    if cid not in listed:
        raise _unknown("disk", cid, list(listed))
    return listed[cid]


def _unknown(kind: str, cid: str, known: Sequence[str]) -> InputError:
    near = nearest.nearest_word(cid, known)
    return InputError(
        f"{kind}-unknown",
        f"The environment has no {kind} '{cid}'.",
        why=f"No cloud of the environment lists it; there {'is' if len(known) == 1 else 'are'} {len(known)}.",
        fix=f"Did you mean '{near}'?" if near else f"`compleat {kind}s` lists them.",
    )


def _owner(records: Sequence[InstanceRecord], listed: ListedDisk) -> tuple[InstanceRecord, DiskRecord]:
    for record in records:
        for disk in record.disks:
            if disk.cid == listed.found.cid:
                return record, disk
    raise _unknown("disk", listed.found.cid, [str(disk.cid) for record in records for disk in record.disks])


def _require_attachable(listed: ListedDisk, record: InstanceRecord, *, deployment: str) -> None:
    if record.wanted is DesiredPower.STARTED:
        raise InputError(
            "instance-not-stopped",
            f"{record.name} of deployment '{deployment}' is not stopped.",
            why="The disk of an instance is exchanged while its jobs are stopped.",
            fix=f"Run `compleat stop -d {deployment} {record.name}` first, and `compleat start` afterwards.",
        )
    if not listed.is_orphan:
        raise InputError(
            "disk-in-use",
            f"Disk '{listed.found.cid}' is used by {listed.instance} of deployment '{listed.deployment}'.",
            why="Only an orphaned disk is given to another instance.",
            fix="`compleat disks --orphaned` lists the orphaned ones.",
        )
    if listed.deployment != deployment:
        raise InputError(
            "disk-elsewhere",
            f"Disk '{listed.found.cid}' belongs to deployment '{listed.deployment}'.",
            why="A disk stays with the deployment that created it, whose name is in the disk's tags.",
            fix=f"Attach it to an instance of '{listed.deployment}'; deploy that again if it was deleted.",
        )
