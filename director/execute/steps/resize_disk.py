"""Grow the instance's detached disk. Facts: cid, size_mib."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import ResizeDisk


def do(context: Context, work: ResizeDisk) -> Outcome:
    """Grow it."""
    disk = context.disk(work.instance)
    context.cloud(disk.cloud).cloud.resize_disk(disk.cid, work.size_mib)
    return Outcome(facts={"cid": disk.cid, "size_mib": work.size_mib})
