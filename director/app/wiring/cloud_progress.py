"""What a cloud's plugin reports during a call, as events of the run.

Takes a watcher, a clock and the cloud's name, gives a Progress for the plugin.
"""

from cpi.contract.progress import NO_PROGRESS, Progress
from director.model.tasks.events import Event, Happening
from director.ports.clock import Clock
from director.ports.watcher import Watcher


class CloudProgress:
    """Implements cpi.contract.progress.Progress."""

    def __init__(self, watcher: Watcher, clock: Clock, cloud: str) -> None:
        self._watcher = watcher
        self._clock = clock
        self._cloud = cloud

    def report(self, text: str) -> None:
        """How far a call is."""
        self._report(Happening.CLOUD, text)

    def prompt(self, text: str) -> None:
        """What a person must do now."""
        self._report(Happening.PROMPT, text)

    def _report(self, happening: Happening, text: str) -> None:
        self._watcher.report(Event(at=self._clock.now(), happening=happening, subject=self._cloud, text=text))


def progress_of(watcher: Watcher | None, clock: Clock, cloud: str) -> Progress:
    """The progress of one cloud; dropped if nothing watches."""
    return CloudProgress(watcher, clock, cloud) if watcher else NO_PROGRESS
