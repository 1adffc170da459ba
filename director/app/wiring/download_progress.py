"""How far downloads are, as events of the run: a bar that is drawn where there is a terminal.

Takes a watcher and a clock, gives what downloads report to.
"""

from collections.abc import Callable

from director.edge.downloads.downloads import DownloadProgress
from director.model.tasks.events import Event, Happening
from director.ports.clock import Clock
from director.ports.watcher import Watcher
from director.report import download_text


def progress_of(watcher: Watcher | None, clock: Clock) -> Callable[[DownloadProgress], None]:
    """What to report to; dropped if nothing watches."""

    def report(progress: DownloadProgress) -> None:
        if watcher is not None:
            happening = Happening.FINISHED if progress.is_over else Happening.PROGRESS
            text = download_text.progress_text(progress.done, progress.total)
            watcher.report(
                Event(at=clock.now(), happening=happening, subject=progress.label, kind="download", text=text)
            )

    return report
