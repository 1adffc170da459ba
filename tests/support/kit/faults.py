"""What goes wrong on demand at a cloud's stand-in: by rule, or by chance.

Takes calls, gives the rule that each meets. A cloud has its own calls, and rules of its own with what happens to them;
no randomness is from here: it is passed in.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Call = TypeVar("Call")


@dataclass(slots=True, kw_only=True)
class FaultRule(ABC, Generic[Call]):
    """The next `times` calls that it is for meet it, after the first `skip` of them."""

    times: int = 1
    skip: int = 0

    @abstractmethod
    def is_for(self, call: Call) -> bool:
        """Whether the call is one of those; counts nothing."""


R = TypeVar("R", bound=FaultRule[Any])


@dataclass(slots=True)
class Faults(Generic[Call, R]):
    """Rules come first, in order; then the weather, which every call meets."""

    rules: list[R] = field(default_factory=list)
    weather: Callable[[Call], R | None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rule: R) -> None:
        """One more rule."""
        self.rules.append(rule)

    def clear(self) -> None:
        """Fair weather."""
        self.rules, self.weather = [], None

    def met_by(self, call: Call) -> R | None:
        """What happens to the call, used up by one; None: nothing."""
        with self._lock:
            for rule in self.rules:
                if rule.times > 0 and rule.is_for(call):
                    if rule.skip > 0:
                        rule.skip -= 1
                        continue
                    rule.times -= 1
                    return rule
            return self.weather(call) if self.weather else None


def weather_of(random: Callable[[], float], shares: Iterable[tuple[R, float]]) -> Callable[[object], R | None]:
    """Each call meets one of the rules with its share of chance. `random` gives numbers from 0 up to 1."""
    fixed = tuple(shares)

    def drawn(_call: object) -> R | None:
        chance = random()
        for rule, share in fixed:
            if chance < share:
                return rule
            chance -= share
        return None

    return drawn
