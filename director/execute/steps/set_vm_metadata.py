"""Put tags on a VM."""

from director.actions.set_vm_metadata import SetVmMetadata
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult


def do(context: StepContext, work: SetVmMetadata) -> CidResult:
    """Put them beside the owner key."""
    vm = context.vm(work.instance)
    context.cloud(vm.cloud).cloud.set_vm_metadata(vm.cid, work.tags)
    return CidResult(cid=vm.cid)
