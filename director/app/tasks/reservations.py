"""Reservations of addresses: deployments that are planned in parallel never get the same address.

Takes a Session and a plan, gives a context under a lease of the environment; a plan that came too late is made again.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from director.app.sessions.session import Session
from director.errors import AddressesTakenError, LockedError
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.model.tasks.plan import Plan
from director.observe import other_deployments

T = TypeVar("T")

_LEASE = DeploymentName(".addresses")
"""No deployment's name begins with a dot."""
_PATIENCE_S = 60.0
_PAUSE_S = 0.05
_MOST_PLANS = 10


@contextmanager
def reserving(session: Session, state: DeploymentState, plan: Plan, *, caller: Caller) -> Iterator[None]:
    """Hold the only right to reserve addresses of the environment; a run that begins within it reserves the plan's.

    Raises AddressesTakenError: another deployment reserved some of them since they were looked up.
    """
    wanted = {ip for addresses in plan.reserved().values() for ip in addresses}
    if not wanted:
        yield
        return
    with ExitStack() as stack:
        _hold_lease(session, stack, caller)
        taken = other_deployments.taken_addresses(session.world, state)
        lost = sorted(wanted & {ip for addresses in taken.values() for ip in addresses})
        if lost:
            raise AddressesTakenError(
                "addresses-taken-meanwhile",
                f"Another deployment has taken {', '.join(lost[:5])} since this deploy was planned.",
                why="Both deploys were planned at the same time.",
                fix="Run the same command again: it plans other addresses.",
            )
        yield


def again_while_taken(session: Session, attempt: Callable[[], T]) -> T:
    """Plan and execute; plan again if another deployment took an address first. Raises what the attempt raises."""
    for _ in range(_MOST_PLANS - 1):
        try:
            return attempt()
        except AddressesTakenError as error:
            _report(session, error)
    return attempt()


def _hold_lease(session: Session, stack: ExitStack, caller: Caller) -> None:
    """Wait for the lock: its holder keeps it only while it saves a plan."""
    world, environment = session.world, session.settings.environment
    deadline = world.runner.now() + _PATIENCE_S
    while True:
        try:
            stack.enter_context(world.store.hold_lease(environment, _LEASE, caller=caller))
            return
        except LockedError:
            if world.runner.now() >= deadline:
                raise
        world.runner.wait(world.runner.now() + _PAUSE_S)


def _report(session: Session, error: AddressesTakenError) -> None:
    event = Event(
        at=session.world.clock.now(),
        happening=Happening.REMARK,
        stage="Preparing deployment",
        subject=session.settings.environment,
        kind=error.code,
        text=f"{error.what} compleat plans again with other addresses.",
    )
    session.world.watcher.report(event)
