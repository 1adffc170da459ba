"""What goes wrong on demand: refused calls, lost replies, reset connections; by rule or by chance.

Takes calls, gives what happens to them. No randomness of its own: it is passed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from tests.support.aws.calls import Call


class Trouble(Enum):
    REFUSED = "refused"  # an error with the rule's code; nothing is done
    LOST_BEFORE = "lost-before"  # the connection closes; nothing is done
    LOST_AFTER = "lost-after"  # the work is done, then the connection closes
    RESET = "reset"  # the work is done, then the connection is reset


@dataclass(slots=True, kw_only=True)
class Rule:
    """The next `n` calls of `action` ("*": any; "*!": any that changes) meet this, after the first `skip` of them."""

    action: str
    n: int = 1
    code: str = "InternalError"
    status: int = 500
    message: str = "injected"
    trouble: Trouble = Trouble.REFUSED
    skip: int = 0

    def is_met(self, call: Call) -> bool:
        """Whether the call meets it; counts."""
        is_named = self.action in ("*", call.action) or (self.action == "*!" and not call.is_read)
        if not is_named or self.n <= 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.n -= 1
        return True


THROTTLED = Rule(action="*", code="RequestLimitExceeded", status=503, message="Request limit exceeded.")
UNAVAILABLE = Rule(action="*", code="InternalError", status=500, message="An internal error has occurred")
NO_ANSWER_BEFORE = Rule(action="*", trouble=Trouble.LOST_BEFORE)
NO_ANSWER_AFTER = Rule(action="*", trouble=Trouble.LOST_AFTER)
RESET = Rule(action="*", trouble=Trouble.RESET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Each call meets a rule with its share of chance. `random` gives numbers from 0 up to 1."""

    random: Callable[[], float]
    shares: Mapping[str, tuple[Rule, float]] = field(default_factory=dict)

    def drawn(self) -> Rule | None:
        """The next call's trouble."""
        chance = self.random()
        for rule, share in self.shares.values():
            if chance < share:
                return rule
            chance -= share
        return None


@dataclass(slots=True)
class Faults:
    """Rules come first, in order; then the weather."""

    rules: list[Rule] = field(default_factory=list)
    weather: Weather | None = None

    def add(self, rule: Rule) -> None:
        """One more rule."""
        self.rules.append(rule)

    def clear(self) -> None:
        """Fair weather."""
        self.rules.clear()
        self.weather = None

    def met_by(self, call: Call) -> Rule | None:
        """What happens to the call; None: nothing."""
        for rule in self.rules:
            if rule.is_met(call):
                return rule
        return self.weather.drawn() if self.weather else None
