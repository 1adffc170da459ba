"""What has to be compiled, and the VMs on which it is.

Takes package needs and what is compiled already, gives actions with a pool of compile VMs.
Source: cloudfoundry/bosh deployment_plan/stages/package_compile_stage.rb, compilation_instance_pool.rb.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkSettings
from director.actions.await_agent import AwaitAgent
from director.actions.compile_package import CompilePackage
from director.actions.delete_vm import DeleteVm
from director.actions.pack_source import PackSource
from director.actions.save_compiled import SaveCompiled
from director.actions.take_compiled import TakeCompiled
from director.errors import Bug
from director.model.environments.desired import Desired, GroupNetwork, PackageNeed
from director.model.environments.observed import Observed
from director.model.ids import ActionId
from director.model.tasks.plan import Action
from director.plan.acting import package_storage
from director.plan.action_factory import ActionFactory, Description, slug
from director.plan.deciding import vm_requests
from director.plan.placing import addresses, network_interfaces
from director.plan.placing.addresses import AddressRequest, Taken
from director.plan.request import PlanRequest

COMPILING = "Compiling packages"
POOL = "compilers"
USUAL_COMPILE_S = 30.0

_Os = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileActions:
    """The actions, and by package key the one after which its blob is there."""

    actions: tuple[Action, ...] = ()
    saved: Mapping[str, ActionId] = field(default_factory=dict)


def compile_packages(
    desired: Desired,
    observed: Observed,
    request: PlanRequest,
    *,
    factory: ActionFactory,
    taken: Taken,
) -> CompileActions:
    """Compile the packages that are not compiled yet; one VM per package, at most `workers` for each stemcell.

    Those that a release has compiled are taken from it. Raises InputError: address-pool-empty, stemcell-missing.
    """
    needed = [package for package in desired.packages if package.key not in observed.compiled]
    if not needed:
        return CompileActions()
    ready = [package for package in needed if package.is_compiled]
    pools = _pools(package for package in needed if not package.is_compiled)
    cloud = vm_requests.compilation_cloud(desired)
    store = cloud if cloud in request.storing else None
    saved = {
        package.key: factory.id_of(
            "take_compiled" if package.is_compiled else "save_compiled", _subject(package), package.key
        )
        for package in needed
    }
    work = [
        action
        for pool, packages in pools.items()
        for package in packages
        for action in _with_dependencies(
            _compile(package, pool, factory, saved=saved, compile_times_s=request.compile_times_s),
            {known.key: known.name for known in desired.packages},
            factory=factory,
            store=store,
        )
    ]
    names = _names(pools, desired, observed)
    settings = _settings(desired, [name for members in names.values() for name in members], taken)
    compilers = [
        action
        for pool, members in names.items()
        for name in members
        for action in _compiler(
            pool, name, _CompileContext(desired, request, factory, pools[pool], work), networks=settings[name]
        )
    ]
    return CompileActions(actions=(*(_take(package, factory) for package in ready), *compilers, *work), saved=saved)


@dataclass(frozen=True, slots=True)
class _CompileContext:
    """What each compile VM is made for."""

    desired: Desired
    request: PlanRequest
    factory: ActionFactory
    packages: Sequence[PackageNeed]
    work: Sequence[Action]


def _pools(needed: Iterable[PackageNeed]) -> dict[str, list[PackageNeed]]:
    """A pool for each stemcell; the first is called just "compilers"."""
    by_os: dict[_Os, list[PackageNeed]] = {}
    for package in needed:
        offer = package.stemcell
        by_os.setdefault((offer.os, offer.version, offer.architecture), []).append(package)
    return {
        POOL if place == 0 else f"{POOL}-{slug('-'.join(os))}": packages
        for place, (os, packages) in enumerate(by_os.items())
    }


def _names(pools: Mapping[str, Sequence[PackageNeed]], desired: Desired, observed: Observed) -> dict[str, list[str]]:
    """Names that no leftover compile VM has."""
    total = sum(len(packages) for packages in pools.values())
    numbers = iter(range(1, total + len(observed.state.compilers) + 1))
    free = (f"compiler-{number}" for number in numbers if f"compiler-{number}" not in observed.state.compilers)
    workers = max(1, desired.compilation.workers)
    return {pool: [next(free) for _ in range(min(workers, len(packages)))] for pool, packages in pools.items()}


def _settings(desired: Desired, names: Sequence[str], taken: Taken) -> Mapping[str, tuple[NetworkSettings, ...]]:
    networks = {network.name: network for network in desired.networks}
    compilation = desired.compilation
    if compilation.network not in networks:
        raise Bug("compilation-network-unknown", f"The compilation network '{compilation.network}' was not resolved.")
    wanted = (GroupNetwork(name=compilation.network, defaults=("dns", "gateway")),)
    seekers = [AddressRequest(name=name, az=compilation.az, networks=wanted) for name in names]
    given = addresses.reserve_addresses(seekers, networks, taken)
    return {
        name: network_interfaces.settings_of(wanted, networks, az=compilation.az, held=held)
        for name, held in zip(names, given, strict=True)
    }


def _compiler(
    pool: str, name: str, context: _CompileContext, *, networks: tuple[NetworkSettings, ...]
) -> Iterable[Action]:
    factory = context.factory
    about = Description(subject=name, reason="packages to compile", stage=COMPILING)
    stemcell, request = context.packages[0].stemcell, context.request
    machine = vm_requests.compiler_machine(context.desired, name, networks, stemcell=stemcell, request=request)
    vm = vm_requests.vm_request(machine, factory, name, request=request)
    work = vm_requests.create_vm(machine, vm, factory, instance=None, compiler=name)
    create = factory.new_action(work, about, after=work.awaits())
    agent = factory.new_action(AwaitAgent(compiler=name), about, after=(create.id,))
    yield create
    yield replace(agent, pool=pool, is_joining_pool=True)
    done = [action.id for action in context.work if action.pool == pool]
    delete = factory.new_action(DeleteVm(cloud=machine.cloud, compiler=name), about, after=(agent.id, *done))
    yield replace(delete, is_cleanup=True)


def _compile(
    package: PackageNeed,
    pool: str,
    factory: ActionFactory,
    *,
    saved: Mapping[str, ActionId],
    compile_times_s: Mapping[str, float],
) -> Iterable[Action]:
    about = Description(subject=_subject(package), reason="not compiled yet", stage=COMPILING)
    pack = factory.new_action(PackSource(package=package), about, detail=package.key)
    needs = [saved[key] for key in package.dependencies if key in saved]
    work = factory.new_action(CompilePackage(package=package), about, after=(pack.id, *needs), detail=package.key)
    save = SaveCompiled(key=package.key, compiled_by=work.id)
    estimate_s = compile_times_s.get(package.name, USUAL_COMPILE_S)
    yield pack
    yield replace(work, pool=pool, is_using_pool=True, estimate_s=estimate_s)
    yield factory.new_action(save, about, after=(work.id,), detail=package.key)


def _take(package: PackageNeed, factory: ActionFactory) -> Action:
    about = Description(subject=_subject(package), reason="its release has it compiled", stage=COMPILING)
    return factory.new_action(TakeCompiled(package=package), about, detail=package.key)


def _with_dependencies(
    actions: Iterable[Action], names: Mapping[str, str], *, factory: ActionFactory, store: str | None
) -> Iterable[Action]:
    """A compile VM installs dependencies under their names, also those that were compiled long ago."""
    for action in actions:
        work = action.work
        if isinstance(work, CompilePackage):
            named = {names[key]: key for key in work.package.dependencies if key in names}
            stored = package_storage.ids_of(factory, store, named) if store is not None else ()
            work = replace(work, dependencies=named, store=store if named else None)
            yield replace(action, work=work, after=(*action.after, *stored))
        else:
            yield action


def _subject(package: PackageNeed) -> str:
    return f"package {package.name}"
