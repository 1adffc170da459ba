"""A run's events in one line each.

Takes Events, gives lines.
"""

from director.model.events import Event, Happening

_VERBS = {
    Happening.STARTED: "begins",
    Happening.FINISHED: "done",
    Happening.FAILED: "FAILED",
    Happening.RETRYING: "again",
    Happening.WAITING: "waits",
    Happening.PROGRESS: "...",
}
_CHANGED = "/deployments/"


def event_line(event: Event) -> str:
    """ "[12/40] web/0: apply done"; "" for what is not worth a line."""
    if event.happening is Happening.PLANNED:
        return f"{event.total} action{'' if event.total == 1 else 's'} planned"
    if event.happening is Happening.ENDED:
        return _ended_line(event.text)
    verb = _VERBS[event.happening]
    count = f"[{event.done}/{event.total}] " if event.total else ""
    text = f": {event.text}" if event.text else ""
    return f"{count}{event.subject}: {event.kind.replace('_', ' ')} {verb}{text}"


def _ended_line(result: str) -> str:
    """The result of a run that went well is the path of what was changed, as BOSH has it."""
    if not result.startswith(_CHANGED):
        return f"stopped: {result}"
    name = result.removeprefix(_CHANGED)
    return f"deployment '{name}' done" if name else "environment done"
