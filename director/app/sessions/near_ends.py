"""The end of an environment that is near, or has passed, for every command.

Takes the state store, gives words. Nothing slow is imported here.
"""

from cpi.contract.value_classes import dataclass
from director.model.environments.environment import EndClockPlace
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
    clock: EndClockPlace = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """`at` None: it does not end by itself. `timer` is what ends it, beside what holds the `clock`."""

    environment: EnvironmentName
    at: float | None
    timer: KeptTimer | None = None
    clock: EndClockPlace = "here"


def near_end(store: StateStore, environment: EnvironmentName, now: float) -> NearEnd | None:
    """The recorded end, if it is near or has passed."""
    found = store.load_environment(environment)
    end = found.end if found else None
    if end is None or end.at is None or end.at - now >= _SOON_S:
        return None
    return NearEnd(at=end.at, left_s=end.at - now, clock=end.clock)


def clock_words(timer: KeptTimer, clock: EndClockPlace) -> str:
    """What ends an environment, and what does where that is off."""
    return timer.words + ("; if that does not, its jumpbox does 10 minutes later" if clock == "jumpbox" else "")


def end_words(environment: EnvironmentName, near: NearEnd) -> str:
    """What every command says about it."""
    at = time_words.utc_text(near.at)
    if near.left_s > 0:
        left = time_words.span_text(near.left_s)
        return (
            f"Environment '{environment}' ends in {left}, at {at}. To keep it: `compleat extend 4h -e {environment}`."
        )
    past = time_words.span_text(-near.left_s)
    if near.clock == "jumpbox":
        return (
            f"The end of environment '{environment}' passed {past} ago, and its jumpbox deletes it 10 minutes after. "
            f"For the receipt: `compleat down -e {environment}`."
        )
    return (
        f"The end of environment '{environment}' passed {past} ago, and it is still there. "
        f"To end it: `compleat down -e {environment}`."
    )
