"""Which compiled packages something uses: by their compile keys.

Takes states and plans, gives keys.
"""

from collections.abc import Collection, Iterable, Iterator

from director.actions.apply import Apply
from director.actions.compile_package import CompilePackage
from director.actions.save_compiled import SaveCompiled
from director.actions.send_packages import SendPackages
from director.actions.store_package import StorePackage
from director.actions.take_compiled import TakeCompiled
from director.model.environments.state import DeploymentState
from director.model.releases import release_versions
from director.model.releases.release import ReleaseReference
from director.model.tasks.plan import Plan
from director.model.tasks.work import Work


def of_deployment(state: DeploymentState) -> frozenset[str]:
    """What its instances run, and what its manifest needs: packages that are there only to compile others, too."""
    applied = (record.applied for record in state.instances if record.applied)
    return frozenset({*_all(state.packages.values()), *_all(each.packages.values() for each in applied)})


def of_plan(plan: Plan) -> frozenset[str]:
    """What a plan that is still to be carried out needs."""
    return frozenset({*_all(plan.packages.values()), *_all(_named(action.work) for action in plan.actions)})


def of_revision(
    plan: Plan, releases: Iterable[ReleaseReference], *, uploaded: Collection[tuple[str, str]]
) -> frozenset[str]:
    """What a deploy of the plan's manifest would need again; `releases` are those that the manifest names.

    Only packages of releases that are the same then: uploaded, or behind a url, in an exact version. A directory
    (`version: create`) is read again, and a release that was deleted cannot be deployed. Plans of earlier versions
    have no `packages`: of these all that they name is used, unless a release has gone.
    """
    references = tuple(releases)
    same = {each.name for each in references if _is_exact(each) and (each.url or _identity(each) in uploaded)}
    if plan.packages:
        return frozenset(key for name, keys in plan.packages.items() if name in same for key in keys)
    return of_plan(plan) if len(same) == len({each.name for each in references}) else frozenset()


def _named(work: Work) -> Iterable[str]:
    """The keys that an action names."""
    match work:
        case CompilePackage(package=package, dependencies=dependencies):
            return (package.key, *package.dependencies, *dependencies.values())
        case TakeCompiled(package=package):
            return (package.key,)
        case SaveCompiled(key=key) | StorePackage(key=key):
            return (key,)
        case SendPackages(packages=packages):
            return packages.values()
        case Apply(applied=applied):
            return applied.packages.values()
    return ()


def _is_exact(reference: ReleaseReference) -> bool:
    return reference.version not in ("create", "") and not release_versions.is_pattern(reference.version)


def _identity(reference: ReleaseReference) -> tuple[str, str]:
    return reference.name, reference.version


def _all(keys: Iterable[Iterable[str]]) -> Iterator[str]:
    return (key for some in keys for key in some)
