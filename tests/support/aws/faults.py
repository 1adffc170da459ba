"""What goes wrong on demand in the emulator: refused calls, lost replies, reset connections.

Takes calls, gives what happens to them; which call meets a rule, and the weather, are in tests.support.kit.faults.
"""

from dataclasses import dataclass
from enum import Enum

from tests.support.aws.calls import Call
from tests.support.kit import faults
from tests.support.kit.faults import FaultRule


class Trouble(Enum):
    REFUSED = "refused"  # an error with the rule's code; nothing is done
    LOST_BEFORE = "lost-before"  # the connection closes; nothing is done
    LOST_AFTER = "lost-after"  # the work is done, then the connection closes
    RESET = "reset"  # the work is done, then the connection is reset


@dataclass(slots=True, kw_only=True)
class Rule(FaultRule[Call]):
    """`action` is "*" for any, "*!" for any that changes."""

    action: str
    code: str = "InternalError"
    status: int = 500
    message: str = "injected"
    trouble: Trouble = Trouble.REFUSED

    def is_for(self, call: Call) -> bool:
        return self.action in ("*", call.action) or (self.action == "*!" and not call.is_read)


THROTTLED = Rule(action="*", code="RequestLimitExceeded", status=503, message="Request limit exceeded.")
UNAVAILABLE = Rule(action="*", code="InternalError", status=500, message="An internal error has occurred")
NO_ANSWER_BEFORE = Rule(action="*", trouble=Trouble.LOST_BEFORE)
NO_ANSWER_AFTER = Rule(action="*", trouble=Trouble.LOST_AFTER)
RESET = Rule(action="*", trouble=Trouble.RESET)

Faults = faults.Faults[Call, Rule]
