"""Make an image usable. Facts: cid."""

from director.execute.steps import owned
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import CreateStemcell


def do(context: Context, work: CreateStemcell) -> Outcome:
    """Upload it, or check that it exists."""
    return Outcome(facts={"cid": context.cloud(work.cloud).cloud.create_stemcell(work.request)})


def find(context: Context, work: CreateStemcell) -> Outcome | None:
    """Look for it by its owner key."""
    finder = owned.need_finder(context, work.cloud)
    stemcells = finder.find_stemcells(owned.query_of(work.request.owner))
    return next((Outcome(facts={"cid": one.cid}) for one in stemcells if one.owner == work.request.owner), None)
