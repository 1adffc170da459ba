"""Give the instance's disk to its VM. Facts: cid, hint."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import AttachDisk


def do(context: Context, work: AttachDisk) -> Outcome:
    """Attach it; attached before is fine."""
    disk, vm = context.disk(work.instance, is_old=work.is_old), context.vm(work.instance)
    hint = context.cloud(vm.cloud).cloud.attach_disk(vm.cid, disk.cid)
    return Outcome(facts={"cid": disk.cid, "hint": hint})
