"""Programs that an instance's jobs start: are they there, and can the kernel run them.

Takes checks and rendered files, gives problems where a start must fail, remarks where it may.
"""

import posixpath
from collections.abc import Iterable, Iterator

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import JobRemark
from director.model.rendered import RenderedFile, RenderedJobs
from director.render import places
from director.render.monit_checks import PlacedCheck

_JOBS, _PACKAGES = "/var/vcap/jobs/", "/var/vcap/packages/"
_BPM = "bpm"
_NO_FILE = "no such file"
_PRE_START = "bin/pre-start"
_AT_EVERY_DEPLOY = (_PRE_START, "bin/post-start")
_LATER = ("bin/post-deploy", "bin/pre-stop", "bin/drain", "bin/post-stop", "bin/run")
_RUNNABLE = (b"#!", b"\x7fELF")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """A program that a check names, and whether its process is "started" or "stopped" by it."""

    placed: PlacedCheck
    verb: str
    program: str


def missing_programs(
    spec: InstanceSpec, rendered: RenderedJobs, checks: Iterable[PlacedCheck]
) -> Iterator[InputError | JobRemark]:
    """Programs below jobs/ and packages/ that no job or package contains.

    A file of a job may also be written by a pre-start script: then its absence is only a remark.
    """
    can_be_written = any(_PRE_START in files for files in rendered.values())
    for start in _starts(checks):
        missing = _missing(start.program, spec, rendered)
        if missing.endswith(_NO_FILE) and can_be_written:
            text = f"{_what(start)} {missing}; only a pre-start script could create it ({start.placed.where})."
            yield JobRemark(kind="monit-program-missing", text=text)
        elif missing:
            yield _problem(start, missing, str(spec.spec.get("name")))


def scripts_without_interpreter(spec: InstanceSpec, rendered: RenderedJobs) -> Iterator[InputError | JobRemark]:
    """Scripts that the agent runs and the kernel cannot, here and under BOSH: neither a `#!` line nor a binary."""
    for job in spec.jobs:
        files = rendered[job.name]
        for path in (*_AT_EVERY_DEPLOY, *_LATER):
            if path in files and not files[path].content.startswith(_RUNNABLE):
                yield _not_runnable(job, path, files[path])


def _starts(checks: Iterable[PlacedCheck]) -> Iterator[_Start]:
    for placed in checks:
        for verb, program in (("started", placed.check.start), ("stopped", placed.check.stop)):
            if program:
                yield _Start(placed=placed, verb=verb, program=posixpath.normpath(program.command[0]))


def _missing(program: str, spec: InstanceSpec, rendered: RenderedJobs) -> str:
    """Why the program cannot be there, "" where it can."""
    if program.startswith(_JOBS):
        name, _, path = program.removeprefix(_JOBS).partition("/")
        if name not in rendered:
            return f"but the instance has no job '{name}'"
        if not path.startswith("packages/"):
            return "" if path in rendered[name] else f"but the templates of job '{name}' make {_NO_FILE}"
        program = _PACKAGES + path.removeprefix("packages/")
    if program.startswith(_PACKAGES):
        package = program.removeprefix(_PACKAGES).partition("/")[0]
        known = {name for job in spec.jobs for name in job.source.packages}
        return "" if package in known else f"but no job of the instance needs package '{package}'"
    return ""


def _what(start: _Start) -> str:
    check = start.placed.check
    return f"Process '{check.name}' of job '{start.placed.job.name}' is {start.verb} by {start.program},"


def _problem(start: _Start, missing: str, group: str) -> InputError:
    is_bpm = start.program.startswith(f"{_JOBS}{_BPM}/")
    add = f"Add job 'bpm' of release 'bpm' to instance group '{group}': it launches the job's processes"
    return InputError(
        "monit-program-missing",
        f"{_what(start)} {missing}.",
        why=f"monit could not run it, and '{group}' would not start.",
        fix=f"{add}."
        if is_bpm
        else "Add the job that has the program to the instance group, or correct the monit file.",
        where=start.placed.where,
    )


def _not_runnable(job: Job, path: str, file: RenderedFile) -> InputError | JobRemark:
    found = "it is empty" if not file.content.strip() else "its first line does not begin with `#!`"
    where = places.file_place(job, path, 1)
    what = f"Script {path} of job '{job.name}' cannot be run: {found}"
    if path in _LATER:
        return JobRemark(kind="script-without-interpreter", text=f"{what} ({where}).")
    return InputError(
        "script-without-interpreter",
        f"{what}.",
        why="The kernel cannot execute it, here or under BOSH.",
        fix="Begin the template with `#!/bin/bash`.",
        where=where,
    )
