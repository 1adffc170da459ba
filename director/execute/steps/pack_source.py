"""Put a package's source archive into the blobstore. Facts: key, digest."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import PackSource


def do(context: Context, work: PackSource) -> Outcome:
    """Pack it; its blobs are fetched and checked."""
    return Outcome(facts={"key": work.package.key, "digest": context.world.releases.pack_package(work.package.source)})
