"""Verbs served over two streams: a JSON object a line in, a JSON object a line out.

Takes `{"id", "verb", "arguments"}` or `{"cancel": id}`, gives `{"id", "value"}`, `{"id", "error"}` and, while
something runs, `{"id", "progress"}`. When the input ends, the director is gone: running scripts end, and so does this.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any, BinaryIO, Dict, Mapping

from director.guest import vitals
from director.guest.arguments import Arguments
from director.guest.calls import Call
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.verbs import VERBS


def serve_verbs(guest: Guest, requests: BinaryIO, replies: BinaryIO) -> None:
    """Serve until the requests end. Verbs run at the same time, each in a thread."""
    serving = _Serving(guest, replies)
    serving.write({"id": "", "value": vitals.identity(guest)})
    for line in requests:
        if line.endswith(b"\n"):  # half a line is all that a dying connection left: never begun
            serving.take(line)
    serving.end()


class _Serving:
    def __init__(self, guest: Guest, replies: BinaryIO) -> None:
        self._guest = guest
        self._replies = replies
        self._writing = threading.Lock()
        self._calls: Dict[str, Call] = {}

    def take(self, line: bytes) -> None:
        try:
            request = json.loads(line)
            identity = str(request["cancel"] if "cancel" in request else request["id"])
        except (ValueError, KeyError, TypeError):
            self._refuse("", GuestError("bad-request", "A request line is not what a director sends."))
            return
        if "cancel" in request:
            call = self._calls.get(identity)
            if call is not None:
                call.cancel()
            return
        call = Call(lambda line: self.write({"id": identity, "progress": line}))
        self._calls[identity] = call
        threading.Thread(target=self._serve, args=(identity, request, call), daemon=True).start()

    def end(self) -> None:
        for call in list(self._calls.values()):
            call.cancel()
        self._guest.scripts.end_all()

    def write(self, reply: Mapping[str, Any]) -> None:
        line = json.dumps(reply, separators=(",", ":")).encode() + b"\n"
        with self._writing:
            try:
                self._replies.write(line)
                self._replies.flush()
            except OSError:
                return  # nobody listens any more; the end of the requests says so too

    def _serve(self, identity: str, request: Mapping[str, Any], call: Call) -> None:
        verb = str(request.get("verb"))
        try:
            if verb not in VERBS:
                raise GuestError("unknown-verb", "This guest does not know the verb '%s'." % verb)
            arguments = request.get("arguments") or {}
            value = VERBS[verb](self._guest, Arguments(verb, arguments if isinstance(arguments, dict) else {}), call)
        except GuestError as error:
            self._refuse(identity, error)
        except Exception as error:  # the reply is the only way out of this thread, and a director waits for it
            sys.excepthook(type(error), error, error.__traceback__)
            self._refuse(identity, _unforeseen(verb, error))
        else:
            self.write({"id": identity, "value": value})
        finally:
            del self._calls[identity]

    def _refuse(self, identity: str, error: GuestError) -> None:
        self.write({"id": identity, "error": error.as_json()})


def _unforeseen(verb: str, error: Exception) -> GuestError:
    """An OSError tells what the machine refused; anything else is our bug."""
    why = "%s: %s" % (type(error).__name__, error)
    if isinstance(error, OSError):
        return GuestError(
            "vm-refused", "The VM refused a part of '%s'." % verb, why=why, fix="look at the VM's disk and rights"
        )
    return GuestError("guest-bug", "The guest broke while doing '%s'." % verb, why=why, fix="please report this")
