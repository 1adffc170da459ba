"""Grow the instance's detached disk."""

from director.actions.resize_disk import ResizeDisk, ResizeDiskResult
from director.execute.steps.context import StepContext


def do(context: StepContext, work: ResizeDisk) -> ResizeDiskResult:
    """Grow it."""
    disk = context.disk(work.instance)
    context.cloud(disk.cloud).cloud.resize_disk(disk.cid, work.size_mib)
    return ResizeDiskResult(cid=disk.cid, size_mib=work.size_mib)
