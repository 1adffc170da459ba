"""Each wanted instance with everything about it decided: its VM, its templates' spec, what it is to run.

Takes placed instances, gives targets in the same order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.errors import raise_all
from director.model import secret_ref
from director.model.agents.agent_state import AgentState
from director.model.environments.desired import Desired, Group
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import Applied, DesiredPower, InstanceRecord
from director.plan.deciding import hashes, vm_requests
from director.plan.deciding.hashes import ConfigurationHashes
from director.plan.deciding.specs import Specs
from director.plan.deciding.vm_requests import WantedVm
from director.plan.placing import network_interfaces
from director.plan.placing.placed_instances import PlacedInstance
from director.plan.request import InstanceRequest, PlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`agent` is what the VM's agent said, None without a VM or an answer asked for.

    `renewed_disks` are to be replaced by new ones as they are: names of disks, "" for the one on the store.
    """

    placed_instance: PlacedInstance
    machine: WantedVm
    spec: InstanceSpec
    applied: Applied
    wanted: DesiredPower
    instance_request: InstanceRequest | None = None
    renewed_disks: frozenset[str] = frozenset()
    agent: AgentState | NoAnswer | None = None

    @property
    def record(self) -> InstanceRecord:
        """The record that is to be written down."""
        return self.placed_instance.record

    @property
    def group(self) -> Group:
        """Its instance group."""
        return self.placed_instance.group

    @property
    def name(self) -> str:
        """ "group/index"."""
        return self.placed_instance.record.name


def build_targets(
    desired: Desired, observed: Observed, request: PlanRequest, *, placed: Sequence[PlacedInstance]
) -> tuple[Target, ...]:
    """Decide everything about each placed instance. Raises InputError: stemcell-missing (all of them).

    Hashes are made without dynamic addresses: an address changed by the cloud is no change of the plan.
    """
    hashed = Specs(desired, placed)
    known = tuple(_with_known(placed_instance) for placed_instance in placed)
    shown = hashed if known == tuple(placed) else Specs(desired, known)
    names = {package.key: package.name for package in desired.packages}
    versions = observed.secret_versions
    wanted_machines = [_with_versions(machine, versions) for machine in _machines(desired, request, placed)]
    firsts = {placed_instance.group.name: hashed.spec_of(placed_instance) for placed_instance in reversed(placed)}
    shared = {name: hashes.shared_hashes(spec.jobs, spec.links, versions) for name, spec in firsts.items()}
    return tuple(
        Target(
            placed_instance=placed_instance,
            machine=machine,
            spec=shown.spec_of(spec),
            applied=_applied(
                placed_instance,
                names,
                hashed=hashes.instance_hashes(
                    shared[placed_instance.group.name], hashed.spec_of(placed_instance).spec, versions
                ),
            ),
            wanted=_wanted(placed_instance.record, request_for(placed_instance.record, request)),
            instance_request=request_for(placed_instance.record, request),
            renewed_disks=_renewed_disks(placed_instance.record, request),
            agent=observed.agents.get(placed_instance.record.id) if placed_instance.record.vm else None,
        )
        for placed_instance, spec, machine in zip(placed, known, wanted_machines, strict=True)
    )


def request_for(record: InstanceRecord, request: PlanRequest) -> InstanceRequest | None:
    """What a person wished of this instance: by its own name first, then by its group's."""
    for name in (record.name, f"{record.group}/{record.id}", record.group):
        if name in request.instance_requests:
            return request.instance_requests[name]
    return None


def _renewed_disks(record: InstanceRecord, request: PlanRequest) -> frozenset[str]:
    """All, but those that are replacing another already: an earlier run was cut off there."""
    if not request.is_renewing_disks:
        return frozenset()
    on_store = {""} if record.disk and not record.old_disk else set()
    return frozenset({*on_store, *(name for name in record.named_disks if name not in record.old_named_disks)})


def _machines(desired: Desired, request: PlanRequest, placed: Sequence[PlacedInstance]) -> Sequence[WantedVm]:
    problems: dict[str, ExplainedError] = {}
    found: list[WantedVm] = []
    for placed_instance in placed:
        try:
            found.append(vm_requests.machine_of(desired, placed_instance, request))
        except ExplainedError as problem:
            problems.setdefault(problem.what, problem)
    raise_all(problems.values())
    return found


def _with_versions(machine: WantedVm, versions: Mapping[str, int]) -> WantedVm:
    """A secret that was generated again makes another env of it."""
    names = secret_ref.secret_names(machine.env)
    found = {name: versions.get(name, 1) for name in names}
    return replace(machine, env_secrets=found) if found else machine


def _with_known(placed_instance: PlacedInstance) -> PlacedInstance:
    if not placed_instance.record.vm:
        return placed_instance
    return replace(
        placed_instance,
        networks=network_interfaces.with_known_addresses(placed_instance.networks, placed_instance.record.vm.networks),
    )


def _applied(placed_instance: PlacedInstance, names: Mapping[str, str], *, hashed: ConfigurationHashes) -> Applied:
    return Applied(
        configuration_hash=hashed.whole,
        packages={names[key]: key for key in placed_instance.group.packages},
        jobs=tuple(job.name for job in placed_instance.group.jobs),
        restart_hash=hashed.restart,
    )


def _wanted(record: InstanceRecord, instance_request: InstanceRequest | None) -> DesiredPower:
    match instance_request:
        case InstanceRequest.STARTED | InstanceRequest.RESTART:
            return DesiredPower.STARTED
        case InstanceRequest.STOPPED:
            return DesiredPower.STOPPED
        case InstanceRequest.DETACHED:
            return DesiredPower.DETACHED
        case InstanceRequest.RECREATE | None:
            return record.wanted
