"""The clock that ends environments: something of this machine that runs `compleat down --at-end` at a time.

Takes names of environments and times, gives how each is kept.
"""

from typing import Protocol

from cpi.contract.value_classes import dataclass
from director.model.ids import EnvironmentName


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTimer:
    """By what a timer is kept: `kind` is "systemd", "cron" or "process". `words` says it to people, with what it does
    not survive.
    """

    kind: str
    words: str


class EndTimers(Protocol):
    """Each environment of a home has at most one timer. Other homes and other programs keep theirs."""

    def set_timer(self, environment: EnvironmentName, at: float) -> KeptTimer:
        """After: `compleat down --at-end` runs at that time, and again until the environment is gone.

        An earlier timer of the environment is replaced. Raises StateError, code `timer-failed`.
        """

    def remove_timer(self, environment: EnvironmentName) -> None:
        """After: absent, by whatever it was kept. Absent before is success."""
