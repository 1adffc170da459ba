"""Every call of the memory cloud goes through here: logged, timed, and failed on demand.

Takes a method's name and its subject, gives a context in which the call has its effect.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field

from cpi.clouds.memory.faults import CloudCall, Faults, NoFaults
from cpi.contract.value_classes import dataclass

_FREE = frozenset({"info", "preflight", "request_quota"})
"""Calls that no account is refused: they say what is wrong with it."""


def _no_time(_call: CloudCall) -> float:
    return 0.0


def _refuse_nothing(_method: str) -> None:
    return None


def _spend_nothing(_seconds: float) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How the cloud behaves: its faults, the seconds that a call takes, and the observer of that time."""

    faults: Faults = field(default_factory=NoFaults)
    latency_s: Callable[[CloudCall], float] = _no_time
    spend: Callable[[float], None] = _spend_nothing


class CallGate:
    """One call at a time has its effect; safe to use from many threads."""

    def __init__(self, conditions: Conditions, refuse: Callable[[str], None] = _refuse_nothing) -> None:
        self.conditions = conditions
        self._refuse = refuse
        self._lock = threading.Lock()
        self._log: list[CloudCall] = []

    @property
    def log(self) -> tuple[CloudCall, ...]:
        """All calls so far, in order, failed ones included."""
        return tuple(self._log)

    @contextmanager
    def call(self, method: str, subject: str = "") -> Iterator[None]:
        """Let the call have its effect inside, unless a fault stops it; a lost reply is raised afterwards."""
        with self._lock:
            call = CloudCall(number=len(self._log) + 1, method=method, subject=subject)
            self._log.append(call)
            self.conditions.spend(self.conditions.latency_s(call))
            self.conditions.faults.before(call)
            if method not in _FREE:
                self._refuse(method)
            yield
            self.conditions.faults.after(call)
