"""The resolutions of a deployment's problems as a plan: records corrected first, then instances, group by group.

Takes a deployment as observed and what was chosen for each problem, gives a plan.
Source: cloudfoundry/bosh problem_handlers/*, jobs/cloud_check/apply_resolutions.rb.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid
from director.actions.activate_disk import ActivateDisk
from director.actions.await_agent import AwaitAgent
from director.actions.await_running import AwaitRunning
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_vm import DeleteVm
from director.actions.detach_disk import DetachDisk
from director.actions.forget_disk import ForgetDisk
from director.actions.forget_vm import ForgetVm
from director.actions.orphan_disk import OrphanDisk
from director.actions.reboot_vm import RebootVm
from director.actions.run_script import RunScript
from director.actions.unmount_disk import UnmountDisk
from director.model.environments import state_changes
from director.model.environments.cloud_problem import ChosenResolution, Resolution
from director.model.environments.desired import Desired
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import ActionId, InstanceId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Result
from director.plan import network_lifecycle, order, stemcell_creation
from director.plan.acting import deployment
from director.plan.acting import plan_input as scenes
from director.plan.acting.deployment import Parts
from director.plan.acting.plan_input import PlanInput
from director.plan.action_factory import ActionFactory, Description, Line
from director.plan.deciding import disk_differences, instance_changes, unreachable_agents
from director.plan.deciding.changes import Change, Effect
from director.plan.request import PlanRequest

RESOLVING = "Applying problem resolutions"

_RECREATING = frozenset({Resolution.RECREATE_VM, Resolution.RECREATE_VM_WITHOUT_WAIT})
_REATTACHING = frozenset({Resolution.REATTACH_DISK, Resolution.REATTACH_DISK_AND_REBOOT})
_REBOOTING = frozenset({Resolution.REBOOT_VM, Resolution.REATTACH_DISK_AND_REBOOT})
UPDATING = _RECREATING | _REATTACHING | {Resolution.FINISH_UPDATE}
"""Those that bring the instance to what the deployment wants, for which that must be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Corrected:
    """Actions that correct records and disks, and what is observed once they are done."""

    actions: tuple[Action, ...]
    observed: Observed


def plan_resolutions(
    desired: Desired | None, observed: Observed, request: PlanRequest, *, chosen: Sequence[ChosenResolution]
) -> Plan:
    """Plan everything that was chosen; empty where all is ignored.

    An instance that is updated, whatever for, becomes what `desired` says. Raises AgentError, code `agent-silent`, and
    what make_plan raises.
    """
    state = observed.state
    factory = ActionFactory(run=request.run, environment=state.environment, deployment=state.deployment)
    wanted = [each for each in chosen if each.resolution is not Resolution.IGNORE]
    corrected = _correct(wanted, observed, factory)
    rebooting = _reboot(wanted, corrected.observed, factory)
    updated = [each for each in wanted if each.resolution in UPDATING]
    parts = Parts()
    actions = (*corrected.actions, *rebooting)
    if updated and desired is not None:
        parts = _update(desired, corrected.observed, replace(request, is_fix=True), chosen=updated)
        whole = (*actions, *_after(parts.actions, actions))
        made = stemcell_creation.with_stemcells(whole, desired.stock, factory)
        actions = tuple(network_lifecycle.with_networks(made, desired, observed, factory=factory))
    ordered = tuple(replace(action, stage=RESOLVING) for action in order.order_actions(actions))
    return Plan(
        run=request.run,
        environment=state.environment,
        deployment=state.deployment,
        actions=ordered,
        gates=parts.gates,
        records=parts.records,
        dns=parts.dns,
        kept=len(state.instances) - len({each.problem.instance for each in wanted}),
        changes=instance_changes.instance_changes(
            ordered, known=state.instances, planned=parts.records, desired=desired, canaries=parts.canaries
        )
        if desired
        else (),
    )


def resolved_instances(plan: Plan) -> frozenset[InstanceId]:
    """The instances that a plan of resolutions changes; none of any other plan."""
    found = (action.work.instance_id for action in plan.actions if action.stage == RESOLVING)
    return frozenset(instance for instance in found if instance is not None)


def _correct(chosen: Iterable[ChosenResolution], observed: Observed, factory: ActionFactory) -> _Corrected:
    """The actions that correct records, and the records as they are then."""
    state, actions = observed.state, []
    for each in chosen:
        record = state.instance(each.problem.instance)
        if record is None:
            continue
        line = Line(factory, _about(each))
        match each.resolution:
            case Resolution.DELETE_VM_REFERENCE:
                _forget_vm(line, record)
            case Resolution.DELETE_VM:
                _delete_vm(line, record)
            case Resolution.DELETE_DISK_REFERENCE:
                line.add(ForgetDisk(instance=record.id, cid=each.problem.disk_cid), detail=each.problem.disk_cid)
            case Resolution.DELETE_DISK | Resolution.ACTIVATE_DISK:
                unreachable_agents.require_answers([(record, observed.agents.get(record.id))])
                _settle_disks(line, record, each.resolution)
            case _:
                continue
        actions += line.actions
        state = _folded(state, line.actions)
    return _Corrected(actions=tuple(actions), observed=replace(observed, state=state))


def _forget_vm(line: Line, record: InstanceRecord) -> None:
    """A record that has no VM is as it should be already."""
    if record.vm:
        line.add(ForgetVm(instance=record.id, cid=record.vm.cid))


def _delete_vm(line: Line, record: InstanceRecord) -> None:
    if record.vm:
        line.add(DeleteVm(cloud=record.vm.cloud, instance=record.id))


def _settle_disks(line: Line, record: InstanceRecord, resolution: Resolution) -> None:
    """Keep one of the two disks that content was moving between; the other is deleted, or orphaned."""
    disk, old = record.disk, record.old_disk
    if disk is None or old is None:
        return
    is_deleting = resolution is Resolution.DELETE_DISK
    is_new_inactive = disk_differences.inactive_disk(record) == disk
    if is_new_inactive is is_deleting:  # the old one stays
        line.add(ActivateDisk(instance=record.id, cid=old.cid))
        disk, old = old, disk
    if old.is_mounted:
        line.add(UnmountDisk(instance=record.id, is_old=True))
    if old.hint:
        line.add(DetachDisk(cloud=old.cloud, instance=record.id, is_old=True))
    line.add(OrphanDisk(cloud=old.cloud, instance=record.id, is_old=True))
    if is_deleting:
        line.add(DeleteDisk(cloud=old.cloud, cid=old.cid))


def _folded(state: DeploymentState, actions: Iterable[Action]) -> DeploymentState:
    """The records once these are done: what they make of them depends on nothing that only a cloud knows."""
    for action in actions:
        work = action.work
        match work:
            case ForgetVm() | ForgetDisk() | ActivateDisk():
                state = work.fold(state, action.id, Result())
            case DeleteVm(instance=instance) if instance is not None:
                state = state_changes.replace_vm(state, instance, None)
            case OrphanDisk():
                record = state.instance(work.instance)
                old = record.old_disk if record else None
                if old:
                    state = state_changes.change_disk(state, work.instance, cid=old.cid, change=lambda _: None)
            case _:
                pass
    return state


def _reboot(chosen: Iterable[ChosenResolution], observed: Observed, factory: ActionFactory) -> tuple[Action, ...]:
    rebooted = {each.problem.instance: each for each in chosen if each.resolution in _REBOOTING}
    lines = []
    for instance, each in rebooted.items():
        record = observed.state.instance(instance)
        if record and record.vm:
            line = Line(factory, _about(each))
            line.add(RebootVm(cloud=record.vm.cloud, instance=instance))
            line.add(AwaitAgent(instance=instance), detail="rebooted")
            lines.append(line)
    return tuple(action for line in lines for action in line.actions)


def _update(desired: Desired, observed: Observed, request: PlanRequest, *, chosen: Sequence[ChosenResolution]) -> Parts:
    loose = {each.problem.disk_cid for each in chosen if each.resolution in _REATTACHING}
    inputs = scenes.build_plan_input(desired, _with_detached(observed, loose), request)
    by_instance: dict[InstanceId, list[ChosenResolution]] = {}
    for each in chosen:
        by_instance.setdefault(each.problem.instance, []).append(each)
    changes = dict(inputs.changes)
    changes.update({key: _changes(inputs, key, of_it) for key, of_it in by_instance.items()})
    # Another VM beside the one there is would not free the address that a missing or silent one has.
    parts = deployment.converge_instances(replace(inputs, changes=changes, swapped=frozenset()), frozenset(by_instance))
    unwaited = {each.problem.name for each in chosen if each.resolution is Resolution.RECREATE_VM_WITHOUT_WAIT}
    return replace(parts, actions=_without_waiting(parts.actions, unwaited))


def _changes(inputs: PlanInput, instance: InstanceId, chosen: Sequence[ChosenResolution]) -> tuple[Change, ...]:
    """Why the instance is touched; whatever else of it is not as desired is brought to it by the way."""
    record = next((target.record for target in inputs.targets if target.record.id == instance), None)
    is_recreated = any(each.resolution in _RECREATING for each in chosen)
    if record is None or record.vm is None:
        effect = Effect.CREATE
    else:
        effect = Effect.RECREATE if is_recreated else Effect.RESTART
    return tuple(Change(name=each.problem.type.value, effect=effect, reason=_about(each).reason) for each in chosen)


def _with_detached(observed: Observed, loose: set[DiskCid]) -> Observed:
    """The records with these disks on no VM: they are attached and mounted again."""
    records = tuple(
        state_changes.change_disks(record, lambda disk: state_changes.detached(disk) if disk.cid in loose else disk)
        for record in observed.state.instances
    )
    return replace(observed, state=replace(observed.state, instances=records))


def _without_waiting(actions: Sequence[Action], names: set[str]) -> tuple[Action, ...]:
    """Leave out the wait for processes, and the post-start scripts, which presume them."""
    left = {
        action.id: action.after
        for action in actions
        if action.subject in names and (isinstance(action.work, AwaitRunning) or _is_post_start(action))
    }
    return tuple(
        replace(action, after=tuple(_resolved(action.after, left))) for action in actions if action.id not in left
    )


def _is_post_start(action: Action) -> bool:
    return isinstance(action.work, RunScript) and action.work.script == "post-start"


def _resolved(after: Iterable[ActionId], left: dict[ActionId, tuple[ActionId, ...]]) -> Iterable[ActionId]:
    """What is waited for, with what is left out replaced by what that waited for."""
    for each in after:
        if each in left:
            yield from _resolved(left[each], left)
        else:
            yield each


def _after(actions: Sequence[Action], before: Sequence[Action]) -> tuple[Action, ...]:
    """An instance is updated once what corrects its records, or reboots it, is done."""
    last = {action.subject: action.id for action in before}
    own = {action.id: action.subject for action in actions}
    return tuple(
        replace(action, after=(*action.after, last[action.subject]))
        if action.subject in last and action.subject not in {own.get(each) for each in action.after}
        else action
        for action in actions
    )


def _about(chosen: ChosenResolution) -> Description:
    problem = chosen.problem
    reason = f"{problem.type.value}: {chosen.resolution.value}"
    return Description(subject=problem.name, reason=reason, stage=RESOLVING)
