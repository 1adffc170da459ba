"""The end of an environment that is near, or has passed, for every command.

Takes the state store, gives words. Nothing slow is imported here.
"""

from cpi.contract.value_classes import dataclass
from director.model.ids import EnvironmentName
from director.ports.end_timers import KeptTimer
from director.ports.state_store import StateStore
from director.report import time_words

_SOON_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NearEnd:
    """An end that is less than an hour away, or has passed by `-left_s` seconds."""

    at: float
    left_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """`at` None: it does not end by itself. `timer` is what ends it."""

    environment: EnvironmentName
    at: float | None
    timer: KeptTimer | None = None


def near_end(store: StateStore, environment: EnvironmentName, now: float) -> NearEnd | None:
    """The recorded end, if it is near or has passed."""
    found = store.load_environment(environment)
    at = found.end.at if found and found.end else None
    return NearEnd(at=at, left_s=at - now) if at is not None and at - now < _SOON_S else None


def end_words(environment: EnvironmentName, near: NearEnd) -> str:
    """What every command says about it."""
    at = time_words.utc_text(near.at)
    if near.left_s > 0:
        left = time_words.span_text(near.left_s)
        return (
            f"Environment '{environment}' ends in {left}, at {at}. To keep it: `compleat extend 4h -e {environment}`."
        )
    past = time_words.span_text(-near.left_s)
    return (
        f"The end of environment '{environment}' passed {past} ago, and it is still there. "
        f"To end it: `compleat down -e {environment}`."
    )
