"""Remember what was compiled. Facts: key, digest."""

from director.errors import Bug
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.ids import Digest
from director.model.release import CompiledPackage
from director.model.work import SaveCompiled


def do(context: Context, work: SaveCompiled) -> Outcome:
    """Put it into the cache under its key."""
    made = context.outcomes.get(work.compiled_by)
    size = made.facts.get("size") if made else None
    if made is None or not isinstance(size, int):
        raise Bug("compiled-unknown", f"'{work.compiled_by}' gave no compiled package.")
    package = CompiledPackage(key=work.key, digest=Digest(str(made.facts["digest"])), size=size)
    context.world.blobs.save_compiled(package)
    return Outcome(facts={"key": package.key, "digest": package.digest})
