"""The use case `down`: everything of an environment deleted, by the cloud's own list, and the proof of it.

Takes a Session, gives what was asked and what is left.
"""

from cpi.values import OwnerQuery
from director.app import landing, records, running
from director.app.deploy import Confirm
from director.app.session import Session, new_run_id
from director.model.environment import Environment
from director.model.ids import EnvironmentName
from director.model.plan import Plan
from director.model.report import Asked, DownReport
from director.plan import front as planning
from director.plan.request import EnvironmentRequest, Inventory

_ROUNDS = 3
"""A sweep may meet what came to be while it ran (a call that was in flight when its director died)."""


def take_down(session: Session, *, command: str, confirm: Confirm) -> DownReport:
    """Delete all that carries the environment's owner key, whatever our own records say; then forget it."""
    environment = session.world.store.load_environment(session.settings.environment)
    environment = environment or landing.new_environment(session)
    asked: list[Asked] = []
    with running.held(session, environment, "", command=command) as held:
        for _ in range(_ROUNDS):
            plan = _sweep_plan(session, environment)
            if plan.is_empty:
                break
            if not asked:
                confirm(plan)  # what comes to light later is of the same environment
            running.carry_out(session, held, plan)
            asked.extend(_asked(plan))
        left = tuple(_left(session, environment.name))
        if not left:
            _forget(session, environment.name, held)
    return DownReport(environment=environment.name, asked=tuple(asked), left=left, unasked=_unasked(session))


def _unasked(session: Session) -> tuple[str, ...]:
    """Plugins of the clouds that could not say what they have of ours."""
    return tuple(cloud.name for cloud in session.world.clouds.values() if cloud.finder is None)


def _sweep_plan(session: Session, environment: Environment) -> Plan:
    request = EnvironmentRequest(run=new_run_id(), environment=environment.name)
    inventories = tuple(_inventory(session, name, environment.name) for name in session.world.clouds)
    return planning.make_sweep_plan(request, inventories)


def _inventory(session: Session, name: str, environment: EnvironmentName) -> Inventory:
    """By the cloud's own word; where it cannot find, what the journal names."""
    cloud = session.world.clouds[name]
    if cloud.finder is None:
        return records.recorded_inventory(session.world, environment, name)
    query = OwnerQuery(environment=environment)
    return Inventory(
        cloud=name,
        vms=cloud.finder.find_vms(query),
        disks=cloud.finder.find_disks(query),
        snapshots=cloud.finder.find_snapshots(query),
        stemcells=cloud.finder.find_stemcells(query),
        landing=cloud.landing.find_landing_resources(environment) if cloud.landing else (),
    )


def _asked(plan: Plan) -> list[Asked]:
    return [
        Asked(kind=action.work.kind.removeprefix("delete_").replace("_", " "), name=action.subject)
        for action in plan.actions
        if action.work.kind.startswith("delete_")
    ]


def _left(session: Session, environment: EnvironmentName) -> list[Asked]:
    found: list[Asked] = []
    for name in session.world.clouds:
        own = _inventory(session, name, environment)
        found.extend(Asked(kind="vm", name=vm.created.cid) for vm in own.vms)
        found.extend(Asked(kind="disk", name=disk.cid) for disk in own.disks)
        found.extend(Asked(kind="snapshot", name=each.cid) for each in own.snapshots)
        found.extend(Asked(kind="stemcell", name=each.cid) for each in own.stemcells)
        found.extend(Asked(kind="landing resource", name=each.name) for each in own.landing)
    return found


def _forget(session: Session, environment: EnvironmentName, held: running.Held) -> None:
    """Nothing is left at the cloud: drop what we know. Compiled packages stay, for the next environment."""
    store = session.world.store
    named = [state for state in store.list_deployments(environment) if state.deployment]
    for state in named:
        with store.hold_lease(environment, state.deployment, command=held.command) as lease:
            store.delete_deployment(lease)
    session.world.vault.forget_secrets(f"/{environment}/")
    store.delete_deployment(held.lease)
    store.delete_environment(held.lease)
    session.files.remove(session.path())
