"""What goes wrong on demand: answers instead of work, answers that get lost, operations that fail or never end.

Takes a method and a path, gives the rule that applies, or None. Rules are used up in order; `weather` adds chance.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Act(Enum):
    ANSWER = "answer"  # the given answer, nothing done
    LOST = "lost"  # done, and the connection closed instead of an answer
    RESET = "reset"  # nothing done, connection reset
    UNREACHABLE = "unreachable"  # no connection at all, as when a name is not resolved; over real sockets, a reset
    FAILED = "failed"  # taken, and the long-running operation ends as Failed
    STUCK = "stuck"  # taken, and the long-running operation never ends


@dataclass(slots=True, kw_only=True)
class Rule:
    """`method` "" means any; `path` is searched for in the path, without case; `skip` calls go well first."""

    path: str
    method: str = ""
    times: int = 1
    skip: int = 0
    act: Act = Act.ANSWER
    status: int = 500
    code: str = "InternalServerError"
    message: str = "An error occurred."
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> Any:
        """The body to send, or the operation's error."""
        return self.body if self.body is not None else {"error": {"code": self.code, "message": self.message}}


Weather = Callable[[str, str], Rule | None]


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.weather: Weather | None = None
        self._lock = threading.Lock()

    def find(self, method: str, path: str) -> Rule | None:
        """The rule for this call, used up by one."""
        with self._lock:
            for rule in self.rules:
                if rule.times and rule.method in ("", method) and re.search(rule.path, path, re.IGNORECASE):
                    if rule.skip:
                        rule.skip -= 1
                        continue
                    rule.times -= 1
                    return rule
            return self.weather(method, path) if self.weather else None


def throttled(*, after_s: int = 0, times: int = 1, method: str = "", path: str = "") -> Rule:
    """ARM's own throttling."""
    return Rule(
        method=method,
        path=path,
        times=times,
        status=429,
        code="SubscriptionRequestsThrottled",
        message="Number of requests for subscription exceeded the backend storage limit.",
        headers={"Retry-After": str(after_s)},
    )
