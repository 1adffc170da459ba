"""A run's events: the log, which has what a person knows by name, and a line for each event.

Takes Events, gives lines and rows.
"""

from collections.abc import Mapping

from cpi.contract.json_value import JsonValue
from director.model.tasks.events import Event, Happening
from director.report import cleaning, time_words

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


_SUBJECT_WIDTH = 14
_OF_ACTIONS = frozenset({Happening.STARTED, Happening.PROGRESS, Happening.WAITING, Happening.FINISHED})
"""Actions are listed by `--verbose` alone."""
_INTERRUPTED = "interrupted: "


def log_line(event: Event) -> str:
    """ "web/0          updated, 9.1 s"; "" for what the log leaves out. Cleaned, and short."""
    if event.happening in _OF_ACTIONS:
        return ""
    return cleaning.clean_line(_log_line(event), longest=_LONGEST)


def event_row(event: Event) -> Mapping[str, JsonValue]:
    """An event as `task --event` and `--events` list it."""
    return {
        "time": time_words.utc_text(event.at),
        "happening": event.happening.value,
        "stage": event.stage,
        "subject": event.subject,
        "action": event.kind,
        "detail": event.detail,
        "text": event.text,
        "done": event.done,
        "total": event.total,
    }


def action_words(event: Event) -> str:
    """The event's action: which script, or the words of its kind."""
    return event.detail or event.kind.replace("_", " ")


def event_line(event: Event) -> str:
    """ "[12/40] web/0: apply done"; "" for what is not worth a line. Cleaned, and short."""
    return cleaning.clean_line(_line(event), longest=_LONGEST)


def _log_line(event: Event) -> str:
    subject = event.subject.ljust(_SUBJECT_WIDTH)
    match event.happening:
        case Happening.COMPLETED:
            return f"{subject} {event.text}"
        case Happening.FAILED if event.text.startswith(_INTERRUPTED):
            return f"{subject} {action_words(event)} was interrupted; the next plan continues"
        case Happening.FAILED:
            return f"{subject} {action_words(event)} FAILED: {_first_sentence(event)}"
        case Happening.RETRYING:
            return f"{subject} {action_words(event)} failed and is sent again: {event.text}"
        case _:
            return _line(event)


def _first_sentence(event: Event) -> str:
    """The code and what happened, without the name that the line has already; the error itself has all of it."""
    code, _, what = event.text.partition(": ")
    first, dot, _ = what.removeprefix(f"{event.subject}: ").partition(". ")
    return f"{code}: {first}{dot.strip()}" if what else event.text


def _line(event: Event) -> str:
    if event.happening is Happening.PLANNED:
        return event.text or f"{event.total} actions planned"
    if event.happening in {Happening.REPORT, Happening.PRICE, Happening.COMPLETED}:
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
    return f"{count}{event.subject}: {action_words(event)} {verb}{text}"
