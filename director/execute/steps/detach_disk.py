"""Take a disk from the instance's VM. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import DetachDisk


def do(context: Context, work: DetachDisk) -> Outcome:
    """Detach it; not attached before is fine."""
    disk, vm = context.disk(work.instance, is_old=work.is_old), context.vm(work.instance)
    context.cloud(vm.cloud).cloud.detach_disk(vm.cid, disk.cid)
    return Outcome(facts={"cid": disk.cid})
