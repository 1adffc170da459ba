"""A run's events in one line each.

Takes Events, gives lines.
"""

from director.model.tasks.events import Event, Happening
from director.report import cleaning

_VERBS = {
    Happening.STARTED: "begins",
    Happening.FINISHED: "done",
    Happening.FAILED: "FAILED",
    Happening.RETRYING: "again",
    Happening.WAITING: "waits",
    Happening.PROGRESS: "...",
}


_LONGEST = 500
"""Characters of a line of progress."""


def event_line(event: Event) -> str:
    """ "[12/40] web/0: apply done"; "" for what is not worth a line. Cleaned, and short."""
    return cleaning.clean_line(_line(event), longest=_LONGEST)


def _line(event: Event) -> str:
    if event.happening is Happening.PLANNED:
        return event.text or f"{event.total} actions planned"
    if event.happening in {Happening.REPORT, Happening.PRICE}:
        return ""
    if event.happening in {Happening.ENDED, Happening.PLACE}:
        return event.text
    if event.happening in {Happening.CLOUD, Happening.PROMPT}:
        return f"{event.subject}: {event.text}"
    if event.happening is Happening.REMARK:
        return f"remark: {event.text} ({event.kind})"
    verb = _VERBS[event.happening]
    count = f"[{event.done}/{event.total}] " if event.total else ""
    text = f": {event.text}" if event.text else ""
    return f"{count}{event.subject}: {event.kind.replace('_', ' ')} {verb}{text}"
