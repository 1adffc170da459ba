"""The EndTimers port in memory.

Takes nothing; its content may be looked at.
"""

from dataclasses import dataclass, field

from director.model.ids import EnvironmentName
from director.ports.end_timers import KeptTimer


@dataclass(slots=True)
class MemoryTimers:
    """`at` maps environments to the times of their timers."""

    at: dict[EnvironmentName, float] = field(default_factory=dict)

    def set_timer(self, environment: EnvironmentName, at: float) -> KeptTimer:
        self.at[environment] = at
        return KeptTimer(kind="memory", words="the test takes it down")

    def remove_timer(self, environment: EnvironmentName) -> None:
        self.at.pop(environment, None)
