"""Copy the old disk's content to the new one and mount that in its place. Facts: from_cid, cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import MigrateDisk


def do(context: Context, work: MigrateDisk) -> Outcome:
    """Copy and swap."""
    old, new = context.disk(work.instance, is_old=True), context.disk(work.instance)
    context.ask_agent(work.instance, "migrate_disk", {"from_cid": old.cid, "to_cid": new.cid})
    return Outcome(facts={"from_cid": old.cid, "cid": new.cid})
