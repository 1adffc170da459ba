"""Put tags on a VM. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import SetVmMetadata


def do(context: Context, work: SetVmMetadata) -> Outcome:
    """Put them beside the owner key."""
    vm = context.vm(work.instance)
    context.cloud(vm.cloud).cloud.set_vm_metadata(vm.cid, work.tags)
    return Outcome(facts={"cid": vm.cid})
