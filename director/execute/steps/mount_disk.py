"""Mount the instance's attached disk. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import MountDisk


def do(context: Context, work: MountDisk) -> Outcome:
    """Mount it on the store, or beside it while an old disk is mounted there; mounted before is fine."""
    disk = context.disk(work.instance, is_old=work.is_old)
    context.ask_agent(work.instance, "mount_disk", {"cid": disk.cid, "hint": disk.hint})
    return Outcome(facts={"cid": disk.cid})
