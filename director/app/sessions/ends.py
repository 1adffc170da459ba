"""When environments end: what a file or an option requests, and what is recorded.

Takes a Session, gives ends.
"""

from director.app.sessions.session import Session
from director.errors import InputError
from director.model import spans_of_time
from director.model.environments.environment import Environment, EnvironmentEnd
from director.report import time_words

_FORMS = "a span such as 90min, 8h or 2d, or a moment such as 2026-12-01T18:00:00Z"


def wanted_end(session: Session, saved: Environment | None, ttl_s: float | None) -> EnvironmentEnd | None:
    """The end that `up` gives the environment; None for none at all.

    `ttl_s` counts from now. Without it the end of the environment's file counts when it is new or was changed; else the
    recorded one stays. Raises InputError: end-invalid, end-passed.
    """
    now, written = session.world.clock.now(), session.file.ends or ""
    recorded = saved.end if saved else None
    if ttl_s is not None:
        return EnvironmentEnd(at=now + ttl_s, written=written)
    if not written or (recorded is not None and recorded.written == written):
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
