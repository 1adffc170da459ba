"""Packages in a cloud's object storage: each uploaded once, however many VMs fetch it, and deleted.

Takes actions for which VMs fetch packages, gives those that store them; takes stored packages, gives a plan.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.actions.compile_package import CompilePackage
from director.actions.delete_stored_package import DeleteStoredPackage
from director.actions.send_packages import SendPackages
from director.actions.store_package import StorePackage
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Work
from director.plan.action_factory import ActionFactory, Description
from director.plan.environments import environment_plans
from director.plan.request import EnvironmentRequest

STORING = "Storing packages"
DELETING = "Deleting stored packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPackage:
    """A package in a cloud's object storage: its name there, and its size in bytes."""

    cloud: str
    name: str
    size: int


def ids_of(factory: ActionFactory, cloud: str, packages: Mapping[str, str]) -> tuple[ActionId, ...]:
    """The actions after which the cloud's storage has the packages, given by name and compile key."""
    return tuple(factory.id_of("store_package", _subject(name), f"{cloud}/{key}") for name, key in packages.items())


def store_packages(
    actions: Iterable[Action], factory: ActionFactory, *, saved: Mapping[str, ActionId]
) -> tuple[Action, ...]:
    """One for each package and cloud from whose storage the actions have VMs fetch; `saved` as Compiled has it."""
    wanted = dict.fromkeys(
        StorePackage(cloud=cloud, name=name, key=key)
        for cloud, packages in filter(None, (_fetched(action.work) for action in actions))
        for name, key in packages.items()
    )
    return tuple(
        factory.new_action(
            work,
            Description(subject=_subject(work.name), reason="VMs fetch it from there", stage=STORING),
            after=[saved[work.key]] if work.key in saved else (),
            detail=f"{work.cloud}/{work.key}",
        )
        for work in wanted
    )


def delete_packages(request: EnvironmentRequest, packages: Sequence[StoredPackage]) -> Plan:
    """Delete packages from the clouds' storage."""
    factory = environment_plans.new_factory(request)
    actions = [
        factory.new_action(
            DeleteStoredPackage(cloud=one.cloud, name=one.name),
            Description(subject=f"stored package {one.name}", reason="nothing uses it", stage=DELETING),
            detail=f"{one.cloud}/{one.name}",
        )
        for one in packages
    ]
    return environment_plans.plan_actions(request, actions)


def _fetched(work: Work) -> tuple[str, Mapping[str, str]] | None:
    """From which cloud's storage what is fetched; None: nothing is."""
    match work:
        case (
            SendPackages(store=str(cloud), packages=packages) | CompilePackage(store=str(cloud), dependencies=packages)
        ):
            return cloud, packages
    return None


def _subject(name: str) -> str:
    return f"package {name}"
