"""The use case `down`: everything of an environment deleted, by the cloud's own list, and the proof of it.

Takes a Session, gives what was asked, what is left, and what is recorded and was not found.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import partial

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF
from director.app.landing import deletions, end_clocks, landing_zones, recorded_resources
from director.app.landing.recorded_resources import Key
from director.app.sessions import fingerprints, template_records, used_places
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.app.tasks.running import HeldEnvironment
from director.model.costs import DeletionList
from director.model.environments.environment import Environment
from director.model.environments.observed import CloudInventory
from director.model.report import DownReport, Listing, RequestedDeletion
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.plan import front as planning
from director.plan.request import EnvironmentRequest
from director.report import as_json

_ROUNDS = 3
"""A sweep may find resources created while it ran, by a call that was in flight when its director died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownRequest:
    """`is_forgetting` drops the records of what is not found, and of an environment whose cloud is another one now."""

    caller: Caller
    is_forgetting: bool = False


@dataclass(slots=True)
class _SweepResult:
    """What a sweep asked for and met."""

    asked: list[RequestedDeletion] = field(default_factory=list)
    found: set[Key] = field(default_factory=set)
    left: tuple[RequestedDeletion, ...] = ()
    listings: list[Listing] = field(default_factory=list)


Confirm = Callable[[DeletionList], None]
"""Shows what will be deleted and asks; raises to stop."""


def take_down(session: Session, request: DownRequest, confirm: Confirm) -> DownReport:
    """Delete all that carries the environment's owner key, whatever our own records say; then forget it.

    What is recorded and not found keeps the records, unless nothing is left and the jumpbox's clock was to delete it.
    Raises InputError: environment-missing, environment-moved; LockedError while anything of the environment is being
    changed.
    """
    places = fingerprints.report_clouds(session)
    result = _SweepResult()
    environment = _environment(session, result)
    if environment is None:
        session.world.timers.remove_timer(session.settings.environment)
        return DownReport(
            environment=session.settings.environment,
            clouds=places,
            unasked=_unasked(session),
            listings=tuple(result.listings),
        )
    is_elsewhere = request.is_forgetting and bool(fingerprints.moves_of(session, environment))
    if not is_elsewhere:
        fingerprints.require_same_clouds(session, environment)
    with running.hold_environment(session, environment, caller=request.caller) as held:
        recorded = recorded_resources.list_recorded(session, environment)
        if not is_elsewhere:
            _sweep(session, held, partial(_ask, session, confirm, recorded=recorded), result=result)
        missing = tuple(words for key, words in recorded.items() if key not in result.found)
        is_ended = not result.found and not is_elsewhere and end_clocks.has_ended(session, environment)
        is_forgotten = not result.left and (request.is_forgetting or not missing or is_ended)
        if is_forgotten:
            if is_elsewhere:  # it was not listed there
                used_places.save_places(session, used_places.saved_places(environment), who=request.caller.who)
            _forget(session, held)
    return DownReport(
        environment=environment.name,
        clouds=places,
        asked=tuple(result.asked),
        left=result.left,
        missing=missing,
        is_elsewhere=is_elsewhere,
        is_forgotten=is_forgotten,
        unasked=_unasked(session),
        listings=tuple(result.listings),
        is_ended_by_jumpbox=is_ended,
    )


def write_receipt(session: Session, report: DownReport, path: str) -> None:
    """Write the report to a file that only this user may read, as JSON."""
    session.files.write_private(path, json.dumps(as_json.down_json(report), indent=2) + "\n")


def _environment(session: Session, result: _SweepResult) -> Environment | None:
    """As saved; where our records are lost, an environment of which the clouds still have something.

    None for one that was removed before, and of which nothing is left. Raises InputError, code `environment-missing`.
    """
    saved = session.world.store.load_environment(session.settings.environment)
    if saved is not None:
        return saved
    if any(_describe(inventory) for inventory in _list_all(session, result)):
        return landing_zones.new_environment(session)
    if session.world.journal.list_runs(session.settings.environment, limit=1):
        return None
    return session.environment()


def _ask(
    session: Session,
    confirm: Confirm,
    inventories: Sequence[CloudInventory],
    *,
    recorded: Mapping[Key, RequestedDeletion],
) -> None:
    confirm(deletions.list_deletions(session, inventories, recorded))


def _sweep(
    session: Session,
    held: HeldEnvironment,
    ask: Callable[[Sequence[CloudInventory]], None],
    *,
    result: _SweepResult,
) -> None:
    for _ in range(_ROUNDS):
        inventories = _list_all(session, result)
        result.found.update(recorded_resources.keys_in(inventories))
        plan = _sweep_plan(session, inventories)
        if plan.is_empty:
            return
        if not result.asked:
            ask(inventories)  # what comes to light later is of the same environment
        running.run_plan(session, held.own, plan)
        result.asked.extend(_asked(plan))
    result.left = tuple(one for inventory in _list_all(session, result) for one in _describe(inventory))


def _unasked(session: Session) -> tuple[str, ...]:
    """Plugins of the clouds that cannot list the environment's resources."""
    return tuple(cloud.name for cloud in session.world.clouds.values() if cloud.finder is None)


def _list_all(session: Session, result: _SweepResult) -> tuple[CloudInventory, ...]:
    """What each cloud lists of the environment; the result notes that it was queried, and when it answered."""
    inventories = []
    for name, cloud in session.world.clouds.items():
        inventories.append(recorded_resources.take_inventory(session, name))
        if cloud.finder is not None:
            counts = Counter(one.kind for one in _describe(inventories[-1]))
            result.listings.append(Listing(cloud=name, at=session.world.clock.now(), counts=dict(counts)))
    return tuple(inventories)


def _sweep_plan(session: Session, inventories: tuple[CloudInventory, ...]) -> Plan:
    request = EnvironmentRequest(run=new_run_id(), environment=session.settings.environment)
    return planning.make_sweep_plan(request, inventories)


def _asked(plan: Plan) -> list[RequestedDeletion]:
    return [
        RequestedDeletion(kind=action.work.kind.removeprefix("delete_").replace("_", " "), name=action.subject)
        for action in plan.actions
        if action.work.kind.startswith("delete_")
    ]


def _describe(inventory: CloudInventory) -> tuple[RequestedDeletion, ...]:
    return (
        *(RequestedDeletion(kind="vm", name=vm.created.cid) for vm in inventory.vms),
        *(RequestedDeletion(kind="disk", name=disk.cid) for disk in inventory.disks),
        *(RequestedDeletion(kind="snapshot", name=each.cid) for each in inventory.snapshots),
        *(RequestedDeletion(kind="stemcell", name=each.cid) for each in inventory.stemcells),
        *(RequestedDeletion(kind="landing resource", name=each.name) for each in inventory.landing),
    )


def _forget(session: Session, held: HeldEnvironment) -> None:
    """Delete the records, the environment's own last: if interrupted, the same command continues.

    Compiled packages stay, for the next environment.
    """
    store, environment = session.world.store, session.settings.environment
    for name, lease in held.leases.items():
        if name is not ENVIRONMENT_ITSELF:
            store.delete_deployment(lease)
    session.world.vault.forget_secrets(f"/{environment}/")
    template_records.forget_records(session.world.configs, environment)
    session.files.remove(session.path())
    store.delete_deployment(held.own.lease)
    store.delete_environment(held.own.lease)
    session.world.timers.remove_timer(environment)
