"""Delete a VM; its disks stay."""

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import OwnerQuery, VmCid, VmState
from director.actions.delete_vm import DeleteVm
from director.execute.steps import long_running, owned_resources
from director.execute.steps.context import StepContext
from director.model.environments.state import VmRecord
from director.model.tasks.entries import Failure
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: DeleteVm) -> CidResult | NotYet:
    """Close what is open to its agent, then delete it; gone before is fine."""
    record = _record(context, work)
    cid = work.cid or (record.cid if record else None)
    if cid is None:
        return CidResult(cid="")
    target = context.environment.target_of(record, context.call.action.subject) if record else None
    if target:
        context.world.agent.forget(target)
    calls = long_running.calls_of(context, work.cloud)
    left = long_running.carry_out(context, work.cloud, lambda: calls.delete_vm(cid))
    return left or _result(cid)


def find(context: StepContext, work: DeleteVm) -> CidResult | Failure | None:
    """Ask whether it is gone, with all that belonged to it."""
    record = _record(context, work)
    cid = work.cid or (record.cid if record else None)
    if cid is None:
        return CidResult(cid="")
    cloud = context.cloud(work.cloud)
    if cloud.cloud.has_vm(cid):
        return owned_resources.in_part(
            "The VM still exists; it may be stopped. The next plan deletes it if it is not needed."
        )
    return (
        owned_resources.in_part("The VM is gone, but some of its parts remain.")
        if _has_rest(context, cloud, cid)
        else _result(cid)
    )


def _has_rest(context: StepContext, cloud: ConnectedCloud, cid: VmCid) -> bool:
    if cloud.finder is None:
        return False
    found = cloud.finder.find_vms(OwnerQuery(environment=context.environment.name))
    return any(vm.created.cid == cid and vm.state is VmState.INCOMPLETE for vm in found)


def _record(context: StepContext, work: DeleteVm) -> VmRecord | None:
    if work.instance is not None:
        record = context.state.instance(work.instance)
        return record.vm if record and work.cid in (None, record.vm.cid if record.vm else None) else None
    return context.state.compilers.get(work.compiler) if work.compiler else None


def _result(cid: VmCid) -> CidResult:
    return CidResult(cid=cid)
