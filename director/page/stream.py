"""The stream of a page: the fragments that changed, and signs of life where nothing did.

Takes a task to look at, gives messages of Server-Sent Events.
"""

import json
import time
from collections.abc import Iterator
from typing import Protocol

from director.page.fragments import Fragments
from director.page.presence import Presence
from director.report.pages.task_view import TaskView

LOOK_S = 0.2
"""Between looks at the log: with the tenth of a second in which it is written, an event shows within half a second."""
_BEAT_S = 3.0
"""Between signs of life of a stream that has nothing else to send."""


class ViewedTask(Protocol):
    """A task that is looked at again and again."""

    def look(self) -> TaskView | None:
        """The task as it is now; None where nothing happened since the last look."""

    def view(self) -> TaskView:
        """The task as it was at the last look."""


def changes(task: ViewedTask, fragments: Fragments, *, presence: Presence, program: str) -> Iterator[str]:
    """JSON with the fragments that changed since the last message; a comment where nothing did.

    A message that was taken is a visit: the browser is still there.
    """
    sent, spoke_at = dict[str, str](), 0.0
    view: TaskView | None = task.look() or task.view()
    while not presence.is_ending:
        parts = fragments.parts(view, program=program) if view is not None else {}
        changed = {name: html for name, html in parts.items() if sent.get(name) != html}
        sent.update(changed)
        is_silent = time.monotonic() - spoke_at >= _BEAT_S
        if changed or is_silent:
            spoke_at = time.monotonic()
            yield f"data: {json.dumps({'now': time.time(), 'parts': changed})}\n\n" if changed else ": alive\n\n"
            presence.note_visit()
        time.sleep(LOOK_S)
        view = task.look()
