"""Create a VM."""

from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import NetworkKind, StemcellCid, VmCreated, VmRequest, VmState
from director.actions.create_vm import CreateVm, CreateVmResult
from director.errors import Bug
from director.execute.steps import long_running, owned_resources
from director.execute.steps.context import StepContext
from director.model.reveal import Revealer
from director.model.tasks.entries import Failure
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: CreateVm) -> CreateVmResult | NotYet:
    """Create it; a stemcell that this run made is filled in."""
    request = _complete(context, work)
    calls = long_running.calls_of(context, work.cloud)
    created = long_running.carry_out(context, work.cloud, lambda: calls.create_vm(request))
    if isinstance(created, NotYet):
        return created
    result = replace(_result(created), stemcell_cid=_made(work, request))
    _forget_predecessor(context, work, result)
    return result


def find(context: StepContext, work: CreateVm) -> CreateVmResult | Failure | None:
    """Look for it by its owner key; one that lacks a public address is not whole, and creating it again makes it so."""
    finder = owned_resources.need_finder(context, work.cloud)
    vms = finder.find_vms(owned_resources.query_of(work.request.owner))
    mine = [vm for vm in vms if vm.owner == work.request.owner]
    born = [vm.created for vm in mine if vm.state is not VmState.INCOMPLETE]
    whole = next((_found(context, work, created) for created in born if _is_whole(created, work.request)), None)
    return whole or (owned_resources.in_part(_UNFINISHED if born else _PARTS) if mine else None)


_PARTS = "The VM does not exist, but some of its parts do, such as a network interface. The next plan deletes them."
_UNFINISHED = "The VM exists but is incomplete, for example without its public address. The next plan repairs it."


def _is_whole(created: VmCreated, request: VmRequest) -> bool:
    public = {network.ip for network in request.networks if network.kind is NetworkKind.VIP}
    return public <= {network.ip for network in created.networks}


def _forget_predecessor(context: StepContext, work: CreateVm, result: CreateVmResult) -> None:
    """The previous VM of the address may have been deleted outside compleat: its host key is not this VM's."""
    action = context.call.action
    target = context.environment.target_of(work.record(action.id, result), action.subject)
    if target:
        context.world.agent.forget(target)


def _complete(context: StepContext, work: CreateVm) -> VmRequest:
    """The request with the stemcell that this run made, and with the secrets of its env: they go to the cloud alone."""
    request = work.request
    if work.env_secrets:
        env = Revealer(secret=context.world.vault.get_secret).reveal(work.env)
        assert isinstance(env, Mapping)
        request = replace(request, env=env)
    if work.stemcell is None:
        return request
    made = context.results.get(work.stemcell)
    if not isinstance(made, CidResult):
        raise Bug("stemcell-open", f"The plan has no stemcell for {context.call.action.subject}.")
    return replace(request, stemcell_cid=StemcellCid(made.cid))


def _made(work: CreateVm, request: VmRequest) -> str:
    return request.stemcell_cid if work.stemcell else ""


def _found(context: StepContext, work: CreateVm, created: VmCreated) -> CreateVmResult:
    return replace(_result(created), stemcell_cid=_made(work, _complete(context, work)))


def _result(created: VmCreated) -> CreateVmResult:
    return CreateVmResult(cid=created.cid, networks=created.networks, host_key=created.host_key)
