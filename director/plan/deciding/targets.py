"""Each wanted instance with everything about it decided: its VM, its templates' spec, what it is to run.

Takes seats, gives targets in the same order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cpi.contract.errors import ExplainedError
from director.errors import raise_all
from director.model.agents.agent_state import AgentState
from director.model.environments.desired import Desired, Group
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.observed import Observed, Silence
from director.model.environments.state import Applied, DesiredPower, InstanceRecord
from director.plan.deciding import hashes, vm_requests
from director.plan.deciding.specs import Specs
from director.plan.deciding.vm_requests import WantedVm
from director.plan.placing import network_interfaces
from director.plan.placing.placed_instances import PlacedInstance
from director.plan.request import InstanceRequest, PlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`agent` is what the VM's agent said, None without a VM or an answer asked for."""

    seat: PlacedInstance
    machine: WantedVm
    spec: InstanceSpec
    applied: Applied
    wanted: DesiredPower
    wish: InstanceRequest | None = None
    agent: AgentState | Silence | None = None

    @property
    def record(self) -> InstanceRecord:
        """The record that is to be written down."""
        return self.seat.record

    @property
    def group(self) -> Group:
        """Its instance group."""
        return self.seat.group

    @property
    def name(self) -> str:
        """ "group/index"."""
        return self.seat.record.name


def build_targets(
    desired: Desired, observed: Observed, request: PlanRequest, *, seats: Sequence[PlacedInstance]
) -> tuple[Target, ...]:
    """Decide everything about each seat. Raises InputError: stemcell-missing (all of them).

    Hashes are made without dynamic addresses: an address changed by the cloud is no change of the plan.
    """
    hashed = Specs(desired, seats)
    known = tuple(_with_known(seat) for seat in seats)
    shown = hashed if known == tuple(seats) else Specs(desired, known)
    names = {package.key: package.name for package in desired.packages}
    wanted_machines = _machines(desired, request, seats)
    versions = observed.secret_versions
    firsts = {seat.group.name: hashed.spec_of(seat) for seat in reversed(seats)}
    shared = {name: hashes.shared_hash(spec.jobs, spec.links, versions) for name, spec in firsts.items()}
    return tuple(
        Target(
            seat=seat,
            machine=machine,
            spec=shown.spec_of(told),
            applied=_applied(
                seat,
                names,
                configuration_hash=hashes.configuration_hash(
                    shared[seat.group.name], hashed.spec_of(seat).spec, versions
                ),
            ),
            wanted=_wanted(seat.record, wish_for(seat.record, request)),
            wish=wish_for(seat.record, request),
            agent=observed.agents.get(seat.record.id) if seat.record.vm else None,
        )
        for seat, told, machine in zip(seats, known, wanted_machines, strict=True)
    )


def wish_for(record: InstanceRecord, request: PlanRequest) -> InstanceRequest | None:
    """What a person wished of this instance: by its own name first, then by its group's."""
    for name in (record.name, f"{record.group}/{record.id}", record.group):
        if name in request.wishes:
            return request.wishes[name]
    return None


def _machines(desired: Desired, request: PlanRequest, seats: Sequence[PlacedInstance]) -> Sequence[WantedVm]:
    problems: dict[str, ExplainedError] = {}
    found: list[WantedVm] = []
    for seat in seats:
        try:
            found.append(vm_requests.machine_of(desired, seat, request))
        except ExplainedError as problem:
            problems.setdefault(problem.what, problem)
    raise_all(problems.values())
    return found


def _with_known(seat: PlacedInstance) -> PlacedInstance:
    if not seat.record.vm:
        return seat
    return replace(seat, networks=network_interfaces.with_known_addresses(seat.networks, seat.record.vm.networks))


def _applied(seat: PlacedInstance, names: Mapping[str, str], *, configuration_hash: str) -> Applied:
    return Applied(
        configuration_hash=configuration_hash,
        packages={names[key]: key for key in seat.group.packages},
        jobs=tuple(job.name for job in seat.group.jobs),
    )


def _wanted(record: InstanceRecord, wish: InstanceRequest | None) -> DesiredPower:
    match wish:
        case InstanceRequest.STARTED | InstanceRequest.RESTART:
            return DesiredPower.STARTED
        case InstanceRequest.STOPPED:
            return DesiredPower.STOPPED
        case InstanceRequest.DETACHED:
            return DesiredPower.DETACHED
        case InstanceRequest.RECREATE | None:
            return record.wanted
