"""Unmount a disk of the instance. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import UnmountDisk


def do(context: Context, work: UnmountDisk) -> Outcome:
    """Unmount it; not mounted before is fine."""
    disk = context.disk(work.instance, is_old=work.is_old)
    context.ask_agent(work.instance, "unmount_disk", {"cid": disk.cid})
    return Outcome(facts={"cid": disk.cid})
