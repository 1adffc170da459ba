"""The verbs fetch_logs and tail_logs.

Takes a kind and globs, gives a blob, or lines as they are written.
"""

from __future__ import annotations

import fnmatch
import os
from typing import Any, Dict, List

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout
from director.guest.packages import archives, blobs
from director.guest.system import scripts

_OBSERVE_LIMIT_S = 0.2
_MOST_AT_ONCE = 1 << 20
_MOST_NAMED = 1000


def fetch_logs(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """Pack the logs into a blob; a log that is written meanwhile is packed as far as it was."""
    root = _root(guest.layout, arguments.text("kind", "job"))
    names = _matching(root, arguments.words("filters"))
    digest, size = blobs.make_blob(guest.layout, lambda stream: archives.pack_files(root, names, stream))
    return {"digest": digest, "size": size, "files": names[:_MOST_NAMED]}


def tail_logs(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """Send the last lines of each log; with `follow`, continue with new lines until the call is cancelled."""
    root = _root(guest.layout, arguments.text("kind", "job"))
    filters = arguments.words("filters")
    lines = int(arguments.number("lines", 10))
    places: Dict[str, int] = {}
    for name in _matching(root, filters):
        path = os.path.join(root, name)
        places[name] = os.path.getsize(path)
        for line in scripts.last_lines(path, size=lines * 1000).splitlines()[-lines:] if lines else []:
            call.send_always("%s: %s" % (name, line))
    while arguments.flag("follow") and not call.wait(_OBSERVE_LIMIT_S):
        for name in _matching(root, filters):
            places[name] = _send_new(root, name, start=places.get(name, 0), call=call)
    return {}


def _send_new(root: str, name: str, *, start: int, call: VerbCall) -> int:
    """Send whole new lines from `start`; gives the next start. A file that shrank is read from its beginning."""
    path = os.path.join(root, name)
    try:
        with open(path, "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            start = 0 if size < start else start
            stream.seek(start)
            new = stream.read(_MOST_AT_ONCE)
    except OSError:
        return start
    whole = new[: new.rfind(b"\n") + 1] if len(new) < _MOST_AT_ONCE or b"\n" in new else new
    for line in whole.decode("utf-8", "replace").splitlines():
        call.send_always("%s: %s" % (name, line))
    return start + len(whole)


def _root(layout: Layout, kind: str) -> str:
    roots = {"job": layout.logs, "agent": layout.path("bosh", "log"), "system": "/var/log"}
    if kind not in roots:
        raise GuestError("bad-arguments", "'%s' is not a log type." % kind, why="expected job, agent or system")
    return roots[kind]


def _matching(root: str, filters: List[str]) -> List[str]:
    """Regular files below the root that match a glob ("nginx/*.log", "**/*.log"); without filters, all."""
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if not os.path.islink(path) and os.path.isfile(path) and _is_wanted(relative, filters):
                found.append(relative)
    return sorted(found)


def _is_wanted(name: str, filters: List[str]) -> bool:
    return not filters or any(
        fnmatch.fnmatchcase(name, pattern) or (pattern.startswith("**/") and fnmatch.fnmatchcase(name, pattern[3:]))
        for pattern in filters
    )
