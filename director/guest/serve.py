"""Verbs served over two streams: a JSON object a line in, a JSON object a line out.

Takes `{"id", "verb", "arguments"}` or `{"cancel": id}`, gives `{"id", "value"}`, `{"id", "error"}` and, while
something runs, `{"id", "progress"}`. When the input ends, the director is gone: running scripts end, and so does this.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any, BinaryIO, Dict, Mapping

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.verb_table import VERBS
from director.guest.verbs import vitals
from director.guest.verbs.lifecycle import describe_refusal


def serve_verbs(guest: Guest, requests: BinaryIO, replies: BinaryIO) -> None:
    """Serve until the requests end. Verbs run at the same time, each in a thread."""
    serving = _Serving(guest, replies)
    serving.write({"id": "", "value": vitals.identity(guest)})
    for line in requests:
        if line.endswith(b"\n"):  # half a line is all that a dying connection left: never begun
            serving.take(line)
    serving.end()


_LOOKS = ("ping", "get_state", "list_disk")
"""Asked so often that a line for each would hide the others in the log."""


class _Serving:
    def __init__(self, guest: Guest, replies: BinaryIO) -> None:
        self._guest = guest
        self._replies = replies
        self._writing = threading.Lock()
        self._calls: Dict[str, VerbCall] = {}

    def take(self, line: bytes) -> None:
        try:
            request = json.loads(line)
            identity = str(request["cancel"] if "cancel" in request else request["id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            self._refuse("", GuestError("bad-request", "A request line is not a valid request."))
            return
        if "cancel" in request:
            call = self._calls.get(identity)
            if call is not None:
                call.cancel()
            return
        call = VerbCall(lambda line: self.write({"id": identity, "progress": line}))
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
                return  # the reader is gone; the requests end, too

    def _serve(self, identity: str, request: Mapping[str, Any], call: VerbCall) -> None:
        verb = str(request.get("verb"))
        began_at, end = time.monotonic(), "done"
        try:
            if verb not in VERBS:
                raise GuestError("unknown-verb", "This guest does not support the verb '%s'." % verb)
            arguments = request.get("arguments") or {}
            value = VERBS[verb](self._guest, Arguments(verb, arguments if isinstance(arguments, dict) else {}), call)
        except GuestError as error:
            end = error.code
            self._refuse(identity, error)
        except Exception as error:  # the reply is the only way out of this thread, and a director waits for it
            end = type(error).__name__
            sys.excepthook(type(error), error, error.__traceback__)
            self._refuse(identity, _unforeseen(verb, error))
        else:
            self.write({"id": identity, "value": value})
        finally:
            del self._calls[identity]
            if verb not in _LOOKS or end != "done":
                _log("%s %s after %.1f s" % (verb, end, time.monotonic() - began_at))

    def _refuse(self, identity: str, error: GuestError) -> None:
        self.write({"id": identity, "error": error.as_json()})


def _unforeseen(verb: str, error: Exception) -> GuestError:
    """An OSError names what the machine refused, and some limits are the machine's; any other exception is a bug."""
    if isinstance(error, OSError):
        return GuestError(
            "vm-refused",
            "The system refused an operation of '%s'." % verb,
            why=describe_refusal(error),
            fix="Check the VM's disk and permissions.",
        )
    if isinstance(error, MemoryError):
        return GuestError(
            "vm-out-of-memory", "The VM has too little memory for '%s'." % verb, fix="Use a bigger VM type."
        )
    if isinstance(error, RecursionError):
        return GuestError(
            "vm-nested-too-deep",
            "'%s' found folders or values that are nested too deeply." % verb,
            fix="Flatten the release's folders; `compleat recreate` removes what a job left on the VM.",
        )
    why = "%s: %s" % (type(error).__name__, error)
    return GuestError("guest-bug", "The guest crashed during '%s'." % verb, why=why, fix="Please report this.")


def _log(text: str) -> None:
    """A line of bosh/log/serve.log. No arguments and no output: they may contain secrets."""
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, file=sys.stderr, flush=True)
