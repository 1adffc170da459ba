"""When environments end: what a file or an option requests, and what is recorded.

Takes a Session, gives ends.
"""

from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.app.sessions.session import Session
from director.errors import InputError
from director.model import spans_of_time
from director.model.environments.environment import EndClockPlace, Environment, EnvironmentEnd
from director.report import time_words

_FORMS = "a span such as 90min, 8h or 2d, or a moment such as 2026-12-01T18:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOptions:
    """What the options of a command say: `ttl_s` counts from now. None: nothing."""

    ttl_s: float | None = None
    clock: EndClockPlace | None = None


NO_END_OPTIONS = EndOptions()


def wanted_end(
    session: Session, saved: Environment | None, options: EndOptions = NO_END_OPTIONS
) -> EnvironmentEnd | None:
    """The end that `up` gives the environment; None for none at all.

    Without a span among the options the end of the environment's file counts when it is new or was changed; else the
    recorded one stays. Raises InputError: end-invalid, end-passed, end-clock-without-end.
    """
    recorded, written = saved.end if saved else None, session.file.ends
    end = _end(session, recorded, options.ttl_s)
    if options.clock is not None and (end is None or end.at is None):
        raise InputError(
            "end-clock-without-end",
            "The environment has no end, so no clock can hold one.",
            why="--ttl-clock says what ends the environment, not when.",
            fix="Add --ttl, such as `--ttl 8h`, or leave --ttl-clock out.",
        )
    if end is None:
        return None
    place = options.clock or (written.clock if written else None) or (recorded.clock if recorded else None)
    return replace(end, clock=place or "here")


def written_text(session: Session) -> str:
    """The end as the environment's file has it; "" without one."""
    return session.file.ends.at if session.file.ends else ""


def _end(session: Session, recorded: EnvironmentEnd | None, ttl_s: float | None) -> EnvironmentEnd | None:
    now, written = session.world.clock.now(), written_text(session)
    if ttl_s is not None:
        return EnvironmentEnd(at=now + ttl_s, written=written)
    if not written or (recorded is not None and recorded.written == written):
        _require_coming(session, recorded)
        return recorded
    at = spans_of_time.read_end(written, now=now)
    if at is None:
        raise InputError(
            "end-invalid",
            f"The environment's end '{written}' is not valid.",
            why=f"It is {_FORMS}.",
            fix="Correct `ends` in the environment's file.",
            where=session.written.where("ends"),
        )
    if at <= now:
        raise InputError(
            "end-passed",
            f"The environment's end {time_words.utc_text(at)} has passed.",
            why=f"It is {time_words.utc_text(now)}.",
            fix="Set a later `ends` in the environment's file.",
            where=session.written.where("ends"),
        )
    return EnvironmentEnd(at=at, written=written)


def _require_coming(session: Session, recorded: EnvironmentEnd | None) -> None:
    """Nothing is created again for a jumpbox to delete at once."""
    if recorded is None or recorded.at is None or recorded.clock != "jumpbox":
        return
    if recorded.at <= session.world.clock.now():
        raise InputError(
            "end-passed",
            f"The environment's end {time_words.utc_text(recorded.at)} has passed.",
            why="Its jumpbox has deleted it, or is about to.",
            fix="Run `compleat down` for the receipt, or give it a later end: `compleat up --ttl 8h`.",
        )
