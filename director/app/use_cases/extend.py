"""The use case `extend`, and whether the end of an environment has come.

Takes a Session, gives when the environment ends now.
"""

from dataclasses import replace

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.app.landing import end_clocks, jumpboxes
from director.app.sessions import ends
from director.app.sessions.near_ends import Extended
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.environments.environment import EnvironmentEnd
from director.model.tasks.caller import Caller
from director.report import time_words


def extend(session: Session, by_s: float | None, *, caller: Caller) -> Extended:
    """Put the end off by so much, counted from now where it has none or has passed; None: it never ends by itself.

    The record changes before the timer: whichever was set before finds it when it runs. The jumpbox's clock changes
    before the record: the jumpbox never ends it earlier than is recorded. Raises InputError: environment-missing,
    jumpbox-missing; LockedError; StateError, code `timer-failed`.
    """
    name, world = session.settings.environment, session.world
    session.environment()
    with world.store.hold_lease(name, ENVIRONMENT_ITSELF, caller=caller) as lease:
        environment = session.environment()
        at = None
        if by_s is not None:
            now = world.clock.now()
            recorded = environment.end.at if environment.end else None
            at = max(now, recorded or now) + by_s
        clock = environment.end.clock if environment.end else "here"
        end = EnvironmentEnd(at=at, written=ends.written_text(session), clock=clock)
        if at is not None and clock == "jumpbox":
            jumpboxes.require_jumpboxes(session, environment)
        end_clocks.change_end(session, environment.end, end)
        end_clocks.arm(session, replace(environment, end=end))
        world.store.save_environment(lease, replace(environment, end=end))
    if at is None:
        world.timers.remove_timer(name)
        return Extended(environment=name, at=None)
    return Extended(environment=name, at=at, timer=world.timers.set_timer(name, at), clock=clock)


def is_due(session: Session) -> bool:
    """Whether the recorded end has come; False where none is recorded, and then the timer is removed.

    Raises InputError, code `end-not-come`: the timer tries again.
    """
    name, world = session.settings.environment, session.world
    found = world.store.load_environment(name)
    at = found.end.at if found and found.end else None
    if at is None:
        world.timers.remove_timer(name)
        return False
    now = world.clock.now()
    if now < at:
        raise InputError(
            "end-not-come",
            f"Environment '{name}' ends at {time_words.utc_text(at)}, in {time_words.span_text(at - now)}.",
            why="--at-end takes it down at its end only.",
            fix="Leave --at-end out to take it down now.",
        )
    return True
