"""Deployments planned one after the other, as if each were done before the next: before any of them is.

Takes a Session and what is wanted, gives steps. Looks at our own records alone: no cloud and no agent is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cpi.contract.errors import ExplainedError
from cpi.contract.values import FoundDisk, FoundVm, OwnerKey, VmCid, VmCreated, VmState
from director.app.session import Session, new_run_id
from director.errors import InputError, raise_all
from director.model.desired import Desired, Lifecycle
from director.model.environment import Environment
from director.model.observed import Observed
from director.model.plan import Plan
from director.model.state import DeploymentState, DiskRecord, VmRecord
from director.observe import machines, neighbours
from director.plan import front as planning
from director.plan.deciding.demands import DeploymentStep
from director.plan.request import ErrandRequest, PlanRequest

Taken = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeployment:
    """A deployment, and the errands that follow it."""

    desired: Desired
    errands: tuple[str, ...] = ()


def plan_all(
    session: Session, environment: Environment, wanted: Sequence[PlannedDeployment]
) -> tuple[DeploymentStep, ...]:
    """Plan each where those before it hold their addresses. Raises InputError and Problems, of all deployments."""
    steps: list[DeploymentStep] = []
    problems: list[ExplainedError] = []
    for each in wanted:
        state = session.world.store.load_deployment(environment.name, each.desired.deployment)
        state = state or DeploymentState(environment=environment.name, deployment=each.desired.deployment)
        observed = _supposed(session, each.desired, state, earlier=steps)
        try:
            steps.append(_step(environment, each, observed))
        except InputError as error:
            problems.extend(getattr(error, "problems", (error,)))
    raise_all(problems)
    return tuple(steps)


def _step(environment: Environment, wanted: PlannedDeployment, observed: Observed) -> DeploymentStep:
    request = PlanRequest(run=new_run_id(), ssh=environment.ssh, stemcells=environment.stemcells, can_resize_disks=True)
    errands = _errand_plans(wanted, observed, request)
    return DeploymentStep(
        plan=planning.make_plan(wanted.desired, observed, request), state=observed.state, errands=errands
    )


def _errand_plans(wanted: PlannedDeployment, observed: Observed, request: PlanRequest) -> tuple[Plan, ...]:
    """Only errand groups have VMs of their own; other errands run on what is there by then."""
    groups = {group.name for group in wanted.desired.groups if group.lifecycle is Lifecycle.ERRAND}
    names = [name for name in wanted.errands if name in groups]
    return tuple(
        planning.make_errand_plan(wanted.desired, observed, request, errand=ErrandRequest(name=name)) for name in names
    )


def _supposed(
    session: Session, desired: Desired, state: DeploymentState, *, earlier: Sequence[DeploymentStep]
) -> Observed:
    """As the records have it: what is gone at the cloud meanwhile, the deploy itself will see."""
    vms = tuple(_found_vm(state, vm) for vm in machines.vm_records(state))
    taken = _merged(neighbours.taken_addresses(session.world, state), earlier)
    return Observed(
        state=state,
        seen_at=session.world.clock.now(),
        vms=vms,
        disks=tuple(_found_disks(state)),
        compiled=session.world.blobs.find_compiled([package.key for package in desired.packages]),
        secret_versions=session.world.vault.secret_versions([variable.name for variable in desired.variables]),
        taken=taken,
    )


def _merged(taken: Taken, earlier: Sequence[DeploymentStep]) -> Taken:
    """With the addresses that the plans before have given away."""
    merged = {network: set(addresses) for network, addresses in taken.items()}
    for step in earlier:
        for network, addresses in step.plan.reserved().items():
            merged.setdefault(network, set()).update(addresses)
    return {network: frozenset(addresses) for network, addresses in merged.items()}


def _found_vm(state: DeploymentState, vm: VmRecord) -> FoundVm:
    disks = [
        disk.cid for record in state.instances if record.vm == vm for disk in (record.disk, record.old_disk) if disk
    ]
    return FoundVm(
        created=VmCreated(cid=vm.cid, networks=vm.networks, host_key=vm.host_key),
        owner=_owner(state, vm.action),
        state=VmState.RUNNING,
        disk_cids=tuple(disks),
        tags=vm.tags,
    )


def _found_disks(state: DeploymentState) -> Iterator[FoundDisk]:
    for record in state.instances:
        for disk in (record.disk, record.old_disk):
            if disk:
                yield _found_disk(state, disk, record.vm.cid if record.vm else None)


def _found_disk(state: DeploymentState, disk: DiskRecord, vm_cid: VmCid | None) -> FoundDisk:
    owner = _owner(state, disk.action)
    return FoundDisk(cid=disk.cid, owner=owner, size_mib=disk.size_mib, vm_cid=vm_cid if disk.hint else None)


def _owner(state: DeploymentState, action: str) -> OwnerKey:
    return OwnerKey(environment=state.environment, deployment=state.deployment, action=action)
