"""Compile a package on a member of the pool. Facts: key, digest, size."""

from collections.abc import Mapping

from cpi.values import JsonValue
from director.errors import AgentError, Bug
from director.execute.steps import compiled
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.ids import Digest
from director.model.release import CompiledPackage
from director.model.work import CompilePackage


def do(context: Context, work: CompilePackage) -> Outcome:
    """Send source and dependencies, compile, fetch the result. What someone compiled meanwhile is taken instead."""
    package, world = work.package, context.world
    there = world.blobs.find_compiled([package.key]).get(package.key)
    if there:
        return _outcome(there)
    source = _source(context, work)
    dependencies = compiled.describe_packages(context, _dependencies(context, work))
    arguments: Mapping[str, JsonValue] = {
        "name": package.name,
        "version": package.version,
        "source_digest": source,
        "dependencies": dependencies,
    }
    member = context.call.member
    with context.reaching(context.compiler(member), member) as target:
        for digest in [source, *(str(one["digest"]) for one in dependencies if isinstance(one, Mapping))]:
            world.agent.put_blob(target, Digest(digest))
        made = _read(package.key, world.agent.call(target, "compile_package", arguments, watch=context.tell))
        world.agent.get_blob(target, made.digest)
    return _outcome(made)


def _source(context: Context, work: CompilePackage) -> str:
    packed = context.outcomes.get(context.index.sources.get(work.package.key, context.call.action.id))
    return str(packed.facts["digest"]) if packed else context.world.releases.pack_package(work.package.source)


def _dependencies(context: Context, work: CompilePackage) -> Mapping[str, str]:
    """Names and keys of what must be there to compile; the plan names those that it does not compile itself."""
    if work.dependencies:
        return work.dependencies
    unnamed = [key for key in work.package.dependencies if key not in context.index.names]
    if unnamed:
        raise Bug("dependency-unnamed", f"The plan does not name these dependencies of {work.package.name}: {unnamed}.")
    return {context.index.names[key]: key for key in work.package.dependencies}


def _read(key: str, answer: JsonValue) -> CompiledPackage:
    if not isinstance(answer, Mapping) or not isinstance(size := answer.get("size"), int):
        raise AgentError("agent-answer-broken", "The agent's answer to compile_package has no digest and size.")
    return CompiledPackage(key=key, digest=Digest(str(answer["digest"])), size=size)


def _outcome(package: CompiledPackage) -> Outcome:
    return Outcome(facts={"key": package.key, "digest": package.digest, "size": package.size})
