"""What goes wrong on demand in the stand-in: answers instead of work, lost answers, operations that fail or never end.

Takes requests, gives what happens to them; who meets a rule, and the weather, are in tests.support.kit.faults.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.support.azure.answers import Request
from tests.support.kit import faults
from tests.support.kit.faults import FaultRule


class Act(Enum):
    ANSWER = "answer"  # the given answer, nothing done
    LOST = "lost"  # done, and the connection closed instead of an answer
    RESET = "reset"  # nothing done, connection reset
    UNREACHABLE = "unreachable"  # no connection at all, as when a name is not resolved; over real sockets, a reset
    FAILED = "failed"  # taken, and the long-running operation ends as Failed
    STUCK = "stuck"  # taken, and the long-running operation never ends


@dataclass(slots=True, kw_only=True)
class Rule(FaultRule[Request]):
    """`method` "" means any; `path` is searched for in the path, without case."""

    path: str
    method: str = ""
    act: Act = Act.ANSWER
    status: int = 500
    code: str = "InternalServerError"
    message: str = "An error occurred."
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def is_for(self, call: Request) -> bool:
        return self.method in ("", call.method) and re.search(self.path, call.path, re.IGNORECASE) is not None

    def answer(self) -> Any:
        """The body to send, or the operation's error."""
        return self.body if self.body is not None else {"error": {"code": self.code, "message": self.message}}


Faults = faults.Faults[Request, Rule]


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
