"""Compile a package on a member of the pool."""

from collections.abc import Mapping

from director.actions.compile_package import CompilePackage, CompilePackageResult
from director.actions.pack_source import PackSourceResult
from director.errors import Bug
from director.execute.steps import compiled_packages, stored_blobs
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import CompileRequest
from director.model.ids import Digest


def do(context: StepContext, work: CompilePackage) -> CompilePackageResult:
    """Bring source and dependencies there, compile, fetch the result; what someone compiled meanwhile is taken."""
    package, world = work.package, context.world
    there = world.blobs.find_compiled([package.key]).get(package.key)
    if there:
        return CompilePackageResult(key=there.key, digest=there.digest, size=there.size)
    source, keys = _source(context, work), _dependencies(context, work)
    dependencies = compiled_packages.need_compiled(context, keys)
    request = CompileRequest(
        name=package.name,
        version=package.version,
        source=source,
        dependencies=compiled_packages.package_blobs(context, keys),
    )
    member = context.call.member
    if member is None:
        raise Bug("compile-vm-not-lent", f"{context.call.action.subject} has no compile VM to run on.")
    with context.reaching(context.compiler(member), member) as target:
        left = stored_blobs.fetch(context, target, dependencies, cloud=work.store)
        for digest in (source, *(package.digest for package in left.values())):
            world.agent.put_blob(target, digest)
        made = world.agent.compile_package(target, request, watch=context.report)
        world.agent.get_blob(target, made.digest)
    return CompilePackageResult(key=package.key, digest=made.digest, size=made.size)


def _source(context: StepContext, work: CompilePackage) -> Digest:
    packed = context.results.get(context.index.sources.get(work.package.key, context.call.action.id))
    if isinstance(packed, PackSourceResult):
        return packed.digest
    return context.world.releases.pack_package(work.package.source)


def _dependencies(context: StepContext, work: CompilePackage) -> Mapping[str, str]:
    """Names and keys of what must be there to compile; the plan names those that it does not compile itself."""
    if work.dependencies:
        return work.dependencies
    unnamed = [key for key in work.package.dependencies if key not in context.index.names]
    if unnamed:
        raise Bug("dependency-unnamed", f"The plan does not name these dependencies of {work.package.name}: {unnamed}.")
    return {context.index.names[key]: key for key in work.package.dependencies}
