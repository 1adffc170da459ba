"""The verb last_words: what those processes wrote that do not run, since they were last asked to.

Takes the installed jobs and their logs, gives text. Where a job's own logs are silent, what its start program said.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Set

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.guests import Guest
from director.guest.layout import Layout
from director.guest.supervise import control_files
from director.guest.system import files, scripts

_MOST_LOGS = 4
_LINES = 8
_BYTES = 4096


def mark_logs(layout: Layout) -> None:
    """Remember how long every log is: what comes after belongs to the start that follows."""
    logs = [path for root in (layout.logs, layout.path("bosh", "log")) for path in _logs_below(root)]
    files.write_json(_marks(layout), {path: scripts.size_of(path) for path in logs})


def last_words(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """The last lines of each process that does not run, each log under its name; processes of a job share its logs."""
    layout = guest.layout
    jobs = control_files.jobs_of_processes(layout)
    states = control_files.read_state(layout).get("services", [])
    failing = [service["name"] for service in states if service["state"] != "running"]
    seen: Set[str] = set()
    words = [line for name in failing for line in _words_of(layout, name, jobs.get(name, ""), seen=seen)]
    return {"text": "\n".join(words)}


def _words_of(layout: Layout, process: str, job: str, *, seen: Set[str]) -> Iterator[str]:
    marks = files.read_json(_marks(layout))
    own = sorted(_logs_below(os.path.join(layout.logs, job)), key=_written_at, reverse=True) if job else []
    shown = 0
    for path in [layout.program_log(process), *own]:
        text = scripts.last_lines(path, size=_BYTES, start=int(marks.get(path, 0)))
        if text.strip() and shown < _MOST_LOGS and path not in seen:
            shown += 1
            seen.add(path)
            yield "%s: %s" % (process, os.path.basename(path))
            yield from ("  " + line for line in text.splitlines()[-_LINES:])


def _logs_below(root: str) -> List[str]:
    found = []
    for folder, _, names in os.walk(root):
        paths = (os.path.join(folder, name) for name in names if name.endswith(".log"))
        found += [path for path in paths if os.path.isfile(path) and not os.path.islink(path)]
    return found


def _written_at(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _marks(layout: Layout) -> str:
    return os.path.join(layout.monit, "log-marks.json")
