"""What plans will ask of each cloud: the very requests, gathered for preflight.

Takes plans and the states they start from, gives a PreflightRequest for each cloud that would make something.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import LandingResource, NetworkKind, NetworkSettings, PreflightRequest, VmCid, VmRequest
from director.actions.create_disk import CreateDisk
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.create_stemcell import CreateStemcell
from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.actions.set_vm_metadata import SetVmMetadata
from director.actions.update_landing_resource import UpdateLandingResource
from director.model.environments.observed import CLOUD_TAG
from director.model.environments.state import DeploymentState, VmRecord
from director.model.tasks.plan import Plan
from director.plan.deciding import growing_vms

_Asking = CreateLandingResource | CreateStemcell | CreateVm | CreateDisk | DeleteVm


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStep:
    """A plan, the state it starts from, and the plans of the errands that follow it."""

    plan: Plan
    state: DeploymentState | None = None
    errands: tuple[Plan, ...] = ()


def preflight_requests_of(
    steps: Sequence[DeploymentStep], *, unknown: frozenset[str] = frozenset()
) -> Mapping[str, PreflightRequest]:
    """Collect what the steps create, in order; a cloud in which they create nothing is not among the keys.

    `unknown` are placeholders for public addresses that the same steps reserve: a vip network with one is requested
    with the address "".
    """
    return {
        cloud: _request_of(steps, cloud, unknown=unknown, temporary=_temporary_vms(steps, cloud))
        for cloud in _clouds(steps)
    }


def _clouds(steps: Sequence[DeploymentStep]) -> Sequence[str]:
    plans = [plan for step in steps for plan in (step.plan, *step.errands)]
    making = {work.cloud for plan in plans for work in _works(plan) if not isinstance(work, DeleteVm)}
    return sorted(making | {tags[CLOUD_TAG] for step in steps for tags in _retags(step.plan)})


def _request_of(
    steps: Sequence[DeploymentStep], cloud: str, *, unknown: frozenset[str], temporary: Sequence[VmRequest]
) -> PreflightRequest:
    works = [work for step in steps for work in _works(step.plan) if work.cloud == cloud]
    made = Counter(work.instance for work in works if isinstance(work, CreateDisk))
    lasting = [
        replace(work.request, later_disks=made[work.instance] if work.instance else 0)
        for work in works
        if isinstance(work, CreateVm) and not work.compiler
    ]
    vms = [*lasting, *_free_of(temporary, lasting)]
    return PreflightRequest(
        landing=tuple(_landing(works)),
        stemcells=tuple(work.request for work in works if isinstance(work, CreateStemcell)),
        vms=tuple(_without_placeholders(vm, unknown) for vm in vms),
        disks=tuple(work.request for work in works if isinstance(work, CreateDisk)),
        leaving=tuple(dict.fromkeys(cid for step in steps for cid in _leaving(step, cloud))),
        growing=tuple(vm for step in steps for vm in growing_vms.growing_vms(step.plan, step.state, cloud)),
        changed=tuple(one for step in steps for one in _changed(step.plan, cloud)),
        retags=tuple(tags for step in steps for tags in _retags(step.plan) if tags[CLOUD_TAG] == cloud),
    )


def _works(plan: Plan) -> list[_Asking]:
    return [action.work for action in plan.actions if isinstance(action.work, _Asking)]


def _landing(works: Iterable[_Asking]) -> Iterable[LandingResource]:
    """Each once: the network of a load balancer's front is in the landing zone's plan and in its deployment's, of which
    the first to run creates it.
    """
    resources = [work.resource for work in works if isinstance(work, CreateLandingResource)]
    first: dict[tuple[str, str], LandingResource] = {}
    for one in resources:
        first.setdefault((one.kind, one.name), one)
    return first.values()


def _changed(plan: Plan, cloud: str) -> Iterator[LandingResource]:
    works = (action.work for action in plan.actions)
    return (work.resource for work in works if isinstance(work, UpdateLandingResource) and work.cloud == cloud)


def _retags(plan: Plan) -> Iterator[Mapping[str, str]]:
    """Tags for VMs that are there; each names its cloud."""
    return (action.work.tags for action in plan.actions if isinstance(action.work, SetVmMetadata))


def _temporary_vms(steps: Sequence[DeploymentStep], cloud: str) -> Sequence[VmRequest]:
    """Temporary VMs: compile VMs and those of errands. Each set is deleted before the next: the largest counts."""
    sets = [
        [
            work.request
            for work in _works(plan)
            if isinstance(work, CreateVm) and work.cloud == cloud and is_temporary(work)
        ]
        for step in steps
        for plan, is_temporary in ((step.plan, _is_compiler), *((errand, _is_any) for errand in step.errands))
    ]
    return max(sets, key=len, default=[])


def _free_of(temporary: Sequence[VmRequest], lasting: Sequence[VmRequest]) -> Iterator[VmRequest]:
    """The temporary VMs, with any address instead of one that a VM of a later step gets."""
    kept = {(network.name, network.ip) for vm in lasting for network in vm.networks if network.ip}
    for vm in temporary:
        yield replace(vm, networks=tuple(_any_address(one) if _is_kept(one, kept) else one for one in vm.networks))


def _is_kept(network: NetworkSettings, kept: Collection[tuple[str, str]]) -> bool:
    return network.kind is NetworkKind.MANUAL and (network.name, network.ip) in kept


def _any_address(network: NetworkSettings) -> NetworkSettings:
    return replace(network, kind=NetworkKind.DYNAMIC, ip=None)


def _is_compiler(work: CreateVm) -> bool:
    return bool(work.compiler)


def _is_any(_work: CreateVm) -> bool:
    return True


def _leaving(step: DeploymentStep, cloud: str) -> Iterator[VmCid]:
    for work in _works(step.plan):
        if isinstance(work, DeleteVm) and work.cloud == cloud:
            cid = work.cid or _known_cid(work, step.state)
            if cid:
                yield cid


def _known_cid(work: DeleteVm, state: DeploymentState | None) -> VmCid | None:
    """A compiler that the plan itself makes is not there yet."""
    vm: VmRecord | None = None
    if state and work.instance:
        record = state.instance(work.instance)
        vm = record.vm if record else None
    elif state and work.compiler is not None:
        vm = state.compilers.get(work.compiler)
    return vm.cid if vm else None


def _without_placeholders(vm: VmRequest, unknown: frozenset[str]) -> VmRequest:
    return replace(vm, networks=tuple(_known(networks, unknown) for networks in vm.networks)) if unknown else vm


def _known(network: NetworkSettings, unknown: Iterable[str]) -> NetworkSettings:
    is_open = network.kind is NetworkKind.VIP and network.ip is not None and network.ip in unknown
    return replace(network, ip=None) if is_open else network
