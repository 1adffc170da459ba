"""Remember what was compiled."""

from director.actions.compile_package import CompilePackageResult
from director.actions.save_compiled import SaveCompiled
from director.errors import Bug
from director.execute.steps.context import StepContext
from director.model.releases.release import CompiledPackage
from director.model.tasks.work import Result


def do(context: StepContext, work: SaveCompiled) -> Result:
    """Put it into the cache under its key."""
    made = context.results.get(work.compiled_by)
    if not isinstance(made, CompilePackageResult):
        raise Bug("compiled-unknown", f"'{work.compiled_by}' returned no compiled package.")
    package = CompiledPackage(key=work.key, digest=made.digest, size=made.size)
    context.world.blobs.save_compiled(package)
    return Result()
