"""What runs at the moment: since when, and the last line of it.

Takes Events, gives lines about what has begun and not ended.
"""

import time

from director.model.tasks.events import Event, Happening
from director.report import cleaning, progress

RunningActions = dict[str, tuple[float, str]]
"""By what runs: since when on the monotonic clock, and its last line."""

_LONGEST = 200
"""Characters of what runs."""


def note_event(running: RunningActions, event: Event) -> None:
    """Keep what runs: since when, and its last line."""
    key = cleaning.clean_line(f"{event.subject}: {progress.action_words(event)}")
    match event.happening:
        case Happening.STARTED:
            running[key] = (time.monotonic(), "")
        case Happening.PROGRESS | Happening.WAITING | Happening.RETRYING:
            since = running.get(key, (time.monotonic(), ""))[0]
            running[key] = (since, cleaning.clean_line(event.text, longest=_LONGEST))
        case Happening.FINISHED | Happening.FAILED:
            running.pop(key, None)
        case Happening.PLANNED | Happening.ENDED:
            running.clear()
        case (
            Happening.COMPLETED
            | Happening.REMARK
            | Happening.PLACE
            | Happening.CLOUD
            | Happening.PROMPT
            | Happening.REPORT
            | Happening.PRICE
        ):
            pass


def waiting_line(running: RunningActions) -> str:
    """What is waited for: the newest, and how many others run."""
    if not running:
        return "... observing"
    key, (since, text) = max(running.items(), key=lambda item: -item[1][0])
    return f"... {running_line(key, since, text)}" + (f" (and {len(running) - 1} more)" if len(running) > 1 else "")


def running_line(key: str, since: float, text: str) -> str:
    """What runs, for how long, with its last line."""
    suffix = f": {text}" if text else ""
    return f"{key} {time.monotonic() - since:.0f} s{suffix}"
