"""The verbs run_script and run_errand: what jobs bring in bin/.

Takes a script's name and environment, gives its result, or which jobs failed with their last lines.
Source: cloudfoundry/bosh-agent agent/action/run_script.go, agent/script.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from typing import Any, BinaryIO, Callable, Dict, List, Mapping, NamedTuple, Sequence

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout, create_directory
from director.guest.packages import blobs
from director.guest.system import files, scripts
from director.guest.system.scripts import Script

_ERRAND_TAIL = 1 << 20
_ERRAND_KEPT = 1 << 28
_RELOAD = "reload-properties"


class JobFailure(NamedTuple):
    """One job's script that failed: how, and its last lines."""

    job: str
    why: str
    output: str


def run_job_scripts(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """Run bin/<name> of every job that has it, all at once, and wait for all. Raises script-failed."""
    name = files.check_plain_name(arguments.text("name"), "script")
    environment = arguments.texts("env")

    def run(job: str) -> "JobFailure | None":
        return _run_one(guest, call, job=job, name=name, environment=environment)

    jobs = jobs_with(guest.layout, name)
    raise_failures(name, jobs, in_parallel(run, jobs))
    return {}


def run_errand(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """Run bin/run of one job; its exit code is a result, not an error."""
    job = files.check_plain_name(arguments.text("job"), "job")
    path = script_path(guest.layout, job, "run")
    if not os.path.isfile(path):
        raise GuestError(
            "errand-without-script",
            "The job '%s' has no bin/run on this VM." % job,
            fix="Name a job that is an errand: its templates must make bin/run.",
        )
    with tempfile.TemporaryDirectory(dir=guest.layout.path("data", "tmp")) as folder:
        stdout, stderr = os.path.join(folder, "stdout"), os.path.join(folder, "stderr")
        environment = scripts.clean_environment(guest.layout)
        code = guest.scripts.run(Script([path], environment, "/", stdout, stderr), call)
        long = {name: path for name, path in (("stdout", stdout), ("stderr", stderr)) if _is_long(path)}
        kept = {name: _keep(guest.layout, path) for name, path in long.items()}
        return {
            "exit_code": code,
            "stdout": scripts.last_lines(stdout, size=_ERRAND_TAIL),
            "stderr": scripts.last_lines(stderr, size=_ERRAND_TAIL),
            **({"blobs": {name: blob for name, blob in kept.items() if blob}} if long else {}),
        }


def _is_long(path: str) -> bool:
    return os.path.getsize(path) > _ERRAND_TAIL


def _keep(layout: Layout, path: str) -> Dict[str, Any]:
    """All that an errand said as a blob, of more than _ERRAND_KEPT the end; nothing where the disk has no room."""

    def copy(target: BinaryIO) -> None:
        with open(path, "rb") as source:
            source.seek(max(0, size - _ERRAND_KEPT))
            shutil.copyfileobj(source, target, _ERRAND_TAIL)

    size = os.path.getsize(path)
    try:
        digest, kept = blobs.make_blob(layout, copy)
    except (GuestError, OSError):
        return {}  # the errand ran: its exit code and its end are worth more than this
    return {"digest": digest, "size": kept, "left_out": max(0, size - kept)}


def script_path(layout: Layout, job: str, name: str) -> str:
    return os.path.join(layout.jobs, job, "bin", name)


def jobs_with(layout: Layout, name: str) -> List[str]:
    """The current jobs that bring bin/<name>, in the spec's order."""
    jobs = files.read_json(layout.spec_file).get("jobs", [])
    return [job for job in jobs if os.path.isfile(script_path(layout, job, name))]


def in_parallel(run: Callable[[str], "JobFailure | None"], jobs: Sequence[str]) -> List[JobFailure]:
    """Run for every job at once; the failures, in the jobs' order. Raises what `run` raised, when all have ended."""
    failures: Dict[str, "JobFailure | None"] = {}
    broken: List[BaseException] = []

    def run_one(job: str) -> None:
        failures[job] = None
        try:
            failures[job] = run(job)
        except OSError as error:
            failures[job] = JobFailure(job, "the system refused an operation: %s" % describe_refusal(error), "")
        except BaseException as error:  # it must not end with this thread
            broken.append(error)

    threads = [threading.Thread(target=run_one, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    found = [failures[job] for job in jobs]
    return [failure for failure in found if failure is not None]


def raise_failures(name: str, jobs: Sequence[str], failures: Sequence[JobFailure]) -> None:
    if not failures:
        return
    failed = [failure.job for failure in failures]
    well = ", ".join(job for job in jobs if job not in failed)
    what = "%d of %d %s scripts failed. Failed Jobs: %s." % (len(failed), len(jobs), name, ", ".join(failed))
    raise GuestError(
        "script-failed",
        what + (" Successful Jobs: %s." % well if well else ""),
        why="; ".join("%s: %s" % (failure.job, failure.why) for failure in failures),
        fix="Read its last lines below; `compleat logs -d NAME INSTANCE` has the rest."
        + (" The same command again restarts the jobs instead." if name == _RELOAD else ""),
        output="\n".join("%s: %s" % (failure.job, failure.output) for failure in failures if failure.output),
    )


def describe_refusal(error: OSError) -> str:
    """What the system said, with the file that it speaks of."""
    reason = error.strerror or str(error) or type(error).__name__
    return "%s: %s" % (error.filename, reason) if error.filename else reason


def describe_exit(code: int) -> str:
    return "ended by signal %d" % -code if code < 0 else "exit code %d" % code


def _run_one(
    guest: Guest, call: VerbCall, *, job: str, name: str, environment: Mapping[str, str]
) -> "JobFailure | None":
    layout = guest.layout
    logs = os.path.join(layout.logs, job)
    create_directory(layout, logs, mode=0o770)
    stdout, stderr = os.path.join(logs, name + ".stdout.log"), os.path.join(logs, name + ".stderr.log")
    script = Script(
        [script_path(layout, job, name)], scripts.clean_environment(layout, **environment), "/", stdout, stderr
    )
    reason = scripts.NewOutput(script)
    try:
        code = guest.scripts.run(script, call)
    except GuestError as error:
        return JobFailure(job, "%s %s" % (error.what, error.why), "")
    if code == 0:
        return None
    output = reason.last_lines(stderr, size=2048) or reason.last_lines(stdout, size=2048)
    return JobFailure(job, describe_exit(code), output)
