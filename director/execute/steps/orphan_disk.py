"""Let go of a disk: it stays in the cloud, tagged. Facts: cid."""

from contextlib import suppress

from cpi.errors import NotFoundError
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.observed import ORPHAN_TAG
from director.model.work import OrphanDisk


def do(context: Context, work: OrphanDisk) -> Outcome:
    """Tag it as orphaned, with the name of the instance that had it; one that is gone is let go of too."""
    disk = context.disk(work.instance, is_old=work.is_old)
    tags = {ORPHAN_TAG: "true", "orphaned_by": context.instance(work.instance).name}
    with suppress(NotFoundError):
        context.cloud(disk.cloud).cloud.set_disk_metadata(disk.cid, tags)
    return Outcome(facts={"cid": disk.cid})
