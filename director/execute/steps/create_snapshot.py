"""Keep the present content of an instance's disk as a snapshot."""

from director.actions.create_snapshot import CreateSnapshot
from director.execute.steps import long_running, owned_resources
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: CreateSnapshot) -> CidResult | NotYet:
    """Create it; the same owner's again gives the same one."""
    calls = long_running.calls_of(context, work.cloud)
    cid = long_running.carry_out(context, work.cloud, lambda: calls.snapshot_disk(work.cid, work.owner, work.tags))
    return cid if isinstance(cid, NotYet) else CidResult(cid=cid)


def find(context: StepContext, work: CreateSnapshot) -> CidResult | None:
    """Look for it by its owner key."""
    finder = owned_resources.need_finder(context, work.cloud)
    snapshots = finder.find_snapshots(owned_resources.query_of(work.owner))
    return next((CidResult(cid=one.cid) for one in snapshots if one.owner == work.owner), None)
