"""Make an image usable."""

from director.actions.create_stemcell import CreateStemcell
from director.execute.steps import long_running, owned_resources
from director.execute.steps.context import StepContext
from director.model.tasks.entries import Failure
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: CreateStemcell) -> CidResult | NotYet:
    """Upload it, or check that it exists."""
    calls = long_running.calls_of(context, work.cloud)
    cid = long_running.carry_out(context, work.cloud, lambda: calls.create_stemcell(work.request))
    return cid if isinstance(cid, NotYet) else CidResult(cid=cid)


def find(context: StepContext, work: CreateStemcell) -> CidResult | Failure | None:
    """Look for it by its owner key; what is not whole is not made yet."""
    finder = owned_resources.need_finder(context, work.cloud)
    stemcells = finder.find_stemcells(owned_resources.query_of(work.request.owner))
    mine = [one for one in stemcells if one.owner == work.request.owner]
    whole = next((CidResult(cid=one.cid) for one in mine if one.is_whole), None)
    return whole or (owned_resources.in_part("The image is incomplete. The next run replaces it.") if mine else None)
