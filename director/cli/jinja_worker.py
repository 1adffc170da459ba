"""The door of the process that renders Jinja templates: JSON lines in, JSON lines out, as erb_renderer.rb has them.

Takes {"context", "dns"}, which sets what the templates after it see and is not answered, and {"job", "name", "text"},
which is answered by {"text"} or {"line", "message", "names"}.
"""

import json
import signal
import sys
from types import FrameType

from cpi.json_value import JsonValue
from director.model.erb import ErbFailure, ErbText
from director.render.templates import Jinja, context_of


def main(limit_s: float) -> None:
    """Answer until the input ends. A template that takes longer than the limit is told with the line it is at."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not done after {limit_s:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    jinja = Jinja()
    context = context_of({})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if "context" in asked:
            context = context_of(asked["context"])
            continue
        signal.setitimer(signal.ITIMER_REAL, limit_s)
        made = jinja.render(asked["name"], asked["text"], context)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(json.dumps(_answer(made)) + "\n")
        sys.stdout.flush()


def _answer(made: ErbText | ErbFailure) -> JsonValue:
    if isinstance(made, ErbText):
        return {"text": made.content}
    return {"line": made.line, "message": made.message, "names": list(made.names)}
