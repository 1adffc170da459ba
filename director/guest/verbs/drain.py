"""The verb drain: every job says how long it needs to let go of its work, and is given that long.

Takes the kind of drain and the next spec, gives 0 when all are done. Source: cloudfoundry/bosh-agent
agent/action/drain.go, agent/script/drain.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import threading
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.system import files, scripts
from director.guest.system.scripts import Script
from director.guest.verbs import lifecycle, supervision
from director.guest.verbs.lifecycle import JobFailure

_MOST = 1 << 63
"""BOSH's agent reads a signed integer of 64 bits."""
_REPEAT = ["job_check_status", "hash_unchanged"]


class _Round(NamedTuple):
    """What a drain script is called with the first time."""

    arguments: List[str]
    environment: Mapping[str, str]


def drain_jobs(guest: Guest, arguments: Arguments, call: VerbCall) -> int:
    """Unmonitor everything, then run all drain scripts at once. Raises script-failed."""
    kind = arguments.text("type")
    if kind not in ("update", "shutdown"):
        raise GuestError("bad-arguments", "'%s' is not a drain type." % kind, why="expected update or shutdown")
    supervision.unmonitor_services(guest, call)
    current = files.read_json(guest.layout.spec_file)
    following = arguments.child("next_spec").raw or None
    first = _first_round(kind, current, following)

    def run(job: str) -> Optional[JobFailure]:
        try:
            _drain_one(guest, call, job=job, first=first)
        except GuestError as error:
            return JobFailure(job, "%s %s" % (error.what, error.why), error.output)
        return None

    jobs = lifecycle.jobs_with(guest.layout, "drain")
    lifecycle.raise_failures("drain", jobs, lifecycle.in_parallel(run, jobs))
    return 0


def _first_round(kind: str, current: Mapping[str, Any], following: Optional[Mapping[str, Any]]) -> _Round:
    environment = {"BOSH_JOB_STATE": _state_of(current)}
    if following is not None:
        environment["BOSH_JOB_NEXT_STATE"] = _state_of({**current, **following})  # what it leaves out stays
    if kind == "shutdown":
        return _Round(["job_shutdown", "hash_unchanged"], environment)
    following = following or {}
    job_change = "job_changed" if current.get("jobs") else "job_new"
    return _Round([job_change, _hash_change(current, following), *_updated_packages(current, following)], environment)


def _state_of(spec: Mapping[str, Any]) -> str:
    return json.dumps({"persistent_disk": spec.get("persistent_disk") or 0})


def _hash_change(current: Mapping[str, Any], following: Mapping[str, Any]) -> str:
    before = current.get("configuration_hash") or ""
    if not before:
        return "hash_new"
    return "hash_unchanged" if following.get("configuration_hash") == before else "hash_changed"


def _updated_packages(current: Mapping[str, Any], following: Mapping[str, Any]) -> List[str]:
    before, after = _digests(current), _digests(following)
    return sorted(name for name in after if before.get(name) != after[name])


def _digests(spec: Mapping[str, Any]) -> Dict[str, str]:
    return {package["name"]: package["digest"] for package in spec.get("packages") or []}


def _drain_one(guest: Guest, call: VerbCall, *, job: str, first: _Round) -> None:
    """A number of seconds to wait is the end; a negative one asks to be called again."""
    arguments, environment = first.arguments, dict(first.environment)
    while True:
        seconds = _ask(guest, call, job=job, turn=_Round(arguments, environment))
        if call.wait(min(abs(seconds), threading.TIMEOUT_MAX)):
            raise GuestError("cancelled", "The drain was ended on request.")
        if seconds >= 0:
            return
        arguments = _REPEAT
        environment.pop("BOSH_JOB_NEXT_STATE", None)


def _ask(guest: Guest, call: VerbCall, *, job: str, turn: _Round) -> int:
    with tempfile.TemporaryDirectory(dir=guest.layout.path("data", "tmp")) as folder:
        stdout, stderr = os.path.join(folder, "stdout"), os.path.join(folder, "stderr")
        command = [lifecycle.script_path(guest.layout, job, "drain"), *turn.arguments]
        environment = scripts.clean_environment(guest.layout, **turn.environment)
        code = guest.scripts.run(Script(command, environment, "/", stdout, stderr), call)
        answer = scripts.last_lines(stdout, size=4096).strip()
        trouble = scripts.last_lines(stderr, size=2048)
    if code < 0:
        raise GuestError("drain-killed", "The drain script was %s." % lifecycle.describe_exit(code), output=trouble)
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", answer) or not -_MOST <= int(answer) < _MOST:
        raise GuestError(
            "drain-without-number",
            "Script did not return a signed integer.",
            why="it printed %r with %s" % (answer[:80], lifecycle.describe_exit(code)),
            output=trouble,
        )
    return int(answer)
