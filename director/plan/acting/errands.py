"""One errand's plan: where it runs, and the VMs that are created for it and deleted afterwards.

Takes a deployment's PlanInput and an errand's name, gives actions.
Source: cloudfoundry/bosh jobs/run_errand.rb, errand/*.
"""

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.actions.delete_vm import DeleteVm
from director.actions.detach_disk import DetachDisk
from director.actions.finish_instance import FinishInstance
from director.actions.run_errand import RunErrand
from director.actions.unmount_disk import UnmountDisk
from director.errors import InputError
from director.model.environments.desired import Desired, Group, Lifecycle
from director.model.environments.observed import Observed
from director.model.environments.state import Applied, DesiredPower, InstanceRecord
from director.model.ids import ActionId, GroupName, InstanceId
from director.model.tasks.plan import Action, Plan
from director.plan import network_lifecycle, order, stemcell_creation
from director.plan.acting import deployment, named_disks, scripts
from director.plan.acting import plan_input as scenes
from director.plan.acting.deployment import Parts
from director.plan.acting.plan_input import PlanInput
from director.plan.action_factory import ActionFactory, Description, Line
from director.plan.deciding.targets import Target
from director.plan.request import ErrandRequest, InstanceRequest, PlanRequest

RUNNING = "Running errand"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the errand runs: an instance, and the release job whose bin/run it is.

    `applied` is what the instance runs then, `errands` are its record's.
    """

    instance: InstanceId
    name: str
    job: str
    applied: Applied | None
    errands: Mapping[str, str]
    after: tuple[ActionId, ...] = ()


def plan_errand(desired: Desired, observed: Observed, request: PlanRequest, *, errand: ErrandRequest) -> Plan:
    """Run it on service instances that have the job, and on the first instance of each errand group.

    Raises InputError: errand-unknown, errand-instance-stopped, errand-nowhere, and what make_plan raises.
    """
    groups = _errand_groups(desired, errand)
    services = _services(desired, observed, errand)
    if not groups and not services:
        raise _nowhere(desired, errand)
    factory = ActionFactory(run=request.run, environment=desired.environment, deployment=desired.deployment)
    plan = Plan(run=request.run, environment=desired.environment, deployment=desired.deployment, actions=())
    parts, places = Parts(), services
    inputs = _woken(desired, observed, request, groups=groups) if groups else None
    if inputs:
        parts = deployment.converge_groups(inputs, groups)
        places = (*services, *_first_instances(inputs, groups, parts, errand=errand))
    if errand.is_when_changed and all(_is_as_it_was(place) for place in places):
        return plan
    actions = (*parts.actions, *_runs(places, factory))
    if inputs and not errand.is_keeping_alive:
        actions = (*actions, *_take_away(inputs, groups, actions, factory=factory))
    made = stemcell_creation.with_stemcells(actions, desired.stock, factory)
    return replace(
        plan,
        actions=order.order_actions(network_lifecycle.with_networks(made, desired, observed, factory=factory)),
        gates=parts.gates,
        records=parts.records,
    )


def _woken(desired: Desired, observed: Observed, request: PlanRequest, *, groups: Sequence[Group]) -> PlanInput:
    """The instances of errand groups, at rest since the last time, are wanted up again."""
    names = [str(group.name) for group in groups]
    woken = replace(request, instance_requests=dict.fromkeys(names, InstanceRequest.STARTED))
    return scenes.build_plan_input(desired, observed, woken, errands=frozenset(names))


def _is_as_it_was(place: _Place) -> bool:
    """Whether the errand last succeeded on what the instance runs."""
    return place.applied is not None and place.errands.get(place.job) == _basis(place)


def _errand_groups(desired: Desired, errand: ErrandRequest) -> tuple[Group, ...]:
    """Errand groups that have the job, or the one of that name; a job's name wins."""
    having = tuple(
        group for group in desired.groups if group.lifecycle is Lifecycle.ERRAND and _job_of(group, errand.name)
    )
    if having or any(_job_of(group, errand.name) for group in desired.groups):
        return having
    return tuple(group for group in desired.groups if group.lifecycle is Lifecycle.ERRAND and group.name == errand.name)


def _services(desired: Desired, observed: Observed, errand: ErrandRequest) -> tuple[_Place, ...]:
    """Service instances with a VM that have the job; nothing is updated for them."""
    names = {
        group.name for group in desired.groups if group.lifecycle is Lifecycle.SERVICE and _job_of(group, errand.name)
    }
    records = [
        record
        for record in sorted(observed.state.instances, key=lambda record: (record.group, record.index))
        if record.group in names and _is_chosen(record, errand) and not record.is_ignored
    ]
    stopped = next((record for record in records if record.wanted is not DesiredPower.STARTED), None)
    if stopped:
        raise InputError(
            "errand-instance-stopped",
            f"Errand '{errand.name}' cannot run: {stopped.name} is {stopped.wanted.value}.",
            why="An errand runs on every instance that has its job, and all of them must be started.",
            fix="Start the instance, or choose others with --instance.",
        )
    return tuple(
        _Place(instance=record.id, name=record.name, job=errand.name, applied=record.applied, errands=record.errands)
        for record in records
        if record.vm
    )


def _first_instances(
    inputs: PlanInput, groups: Sequence[Group], parts: Parts, *, errand: ErrandRequest
) -> Iterable[_Place]:
    finished = {action.subject: action.id for action in parts.actions if action.work.kind == "finish_instance"}
    for group in groups:
        members = [target for target in inputs.targets if target.group.name == group.name]
        first = min(members, key=lambda target: target.record.index, default=None)
        if first is None:
            continue
        job = errand.name if _job_of(group, errand.name) else _only_job(group)
        after = tuple(finished[one.name] for one in members if one.name in finished)
        yield _Place(
            instance=first.record.id,
            name=first.name,
            job=job,
            applied=first.applied,
            errands=first.record.errands,
            after=after,
        )


def _basis(place: _Place) -> str:
    """What the instance runs, as a hash; "" where that is not known."""
    if place.applied is None:
        return ""
    words = [str(place.instance), place.applied.configuration_hash]
    words += [f"{name}={key}" for name, key in sorted(place.applied.packages.items())]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _runs(places: Iterable[_Place], factory: ActionFactory) -> tuple[Action, ...]:
    return tuple(
        factory.new_action(
            RunErrand(instance=place.instance, job=place.job, basis=_basis(place)),
            Description(subject=place.name, reason=f"errand '{place.job}' requested", stage=RUNNING),
            after=place.after,
            detail=place.job,
        )
        for place in places
    )


def _take_away(
    inputs: PlanInput, groups: Sequence[Group], before: Sequence[Action], *, factory: ActionFactory
) -> tuple[Action, ...]:
    """The VMs go whatever happened; records and disks stay for the next time."""
    names = {group.name for group in groups}
    return tuple(
        action
        for target in inputs.targets
        if target.group.name in names
        for action in _delete(target, tuple(one.id for one in before if one.subject == target.name), factory)
    )


def _delete(target: Target, before: tuple[ActionId, ...], factory: ActionFactory) -> Iterable[Action]:
    about = Description(subject=target.name, reason="the errand has ended", stage=RUNNING)
    record = target.record
    cloud = record.vm.cloud if record.vm else target.machine.cloud
    line = Line(factory, about)
    line.last = before
    if target.group.disk:
        line.add(UnmountDisk(instance=record.id), detail="errand")
        line.add(DetachDisk(cloud=cloud, instance=record.id), detail="errand")
    for name in target.group.named_disks:
        named_disks.detach(line, DetachDisk(cloud=cloud, instance=record.id, disk=name), prefix="errand")
    line.add(DeleteVm(cloud=cloud, instance=record.id), detail="errand")
    yield from (replace(action, is_cleanup=True) for action in line.actions)
    at_rest = FinishInstance(instance=record.id, applied=None, wanted=DesiredPower.DETACHED)
    yield factory.new_action(at_rest, about, after=line.last, detail="errand")


def _job_of(group: Group, name: str) -> bool:
    return any(job.name == name and scripts.has_script((job,), "run") for job in group.jobs)


def _only_job(group: Group) -> str:
    """The job of an errand group that is called by its own name: the first that has bin/run."""
    found = next((job.name for job in group.jobs if scripts.has_script((job,), "run")), None)
    if found is None:
        raise InputError(
            "errand-unknown",
            f"Errand group '{group.name}' has no job with bin/run.",
            why=f"Its jobs are {', '.join(job.name for job in group.jobs) or 'none'}.",
            fix="Give one of its jobs a template with destination bin/run.",
            where=group.where,
        )
    return found


def _is_chosen(record: InstanceRecord, errand: ErrandRequest) -> bool:
    names = {record.name, str(record.group), f"{record.group}/{record.id}", str(record.id)}
    return not errand.instances or any(name in names for name in errand.instances)


def errand_names(desired: Desired) -> tuple[str, ...]:
    """Every name that may be run, sorted: jobs with bin/run, and errand groups."""
    jobs = {job.name for group in desired.groups for job in group.jobs if scripts.has_script((job,), "run")}
    groups: set[GroupName] = {group.name for group in desired.groups if group.lifecycle is Lifecycle.ERRAND}
    return tuple(sorted({*jobs, *groups}))


def _nowhere(desired: Desired, errand: ErrandRequest) -> InputError:
    names = errand_names(desired)
    if errand.name in names:
        return InputError(
            "errand-nowhere",
            f"Errand '{errand.name}' has no instance to run on.",
            why="No started instance with a VM has its job, or --instance excludes all of them.",
            fix="Deploy first, or choose other instances.",
        )
    return unknown_errand(desired, errand.name)


def unknown_errand(desired: Desired, name: str) -> InputError:
    """What to say when no errand of the deployment has that name."""
    names = errand_names(desired)
    near = next(iter(difflib.get_close_matches(name, names, n=1)), "")
    return InputError(
        "errand-unknown",
        f"Deployment '{desired.deployment}' has no errand '{name}'.",
        why=f"Its errands are: {', '.join(names) or 'none'}.",
        fix=f"Did you mean '{near}'?"
        if near
        else "Use one of these names; a job is an errand if it has a template with destination bin/run.",
    )
