"""Put tags on a VM."""

from director.actions.set_vm_metadata import SetVmMetadata
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: SetVmMetadata) -> CidResult | NotYet:
    """Put them beside the owner key."""
    vm = context.vm(work.instance)
    calls = long_running.calls_of(context, vm.cloud)
    left = long_running.carry_out(context, vm.cloud, lambda: calls.set_vm_metadata(vm.cid, work.tags))
    return left or CidResult(cid=vm.cid)
