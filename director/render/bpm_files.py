"""bpm.yml of jobs, beside what was read of it for the launcher on the VM.

Takes rendered files, gives one file more, and what is wrong with a bpm.yml.
"""

import itertools
import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping

from director.errors import InputError
from director.model import bpm
from director.model.bpm import BpmReader
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import BPM_LIMITS, JobRemark
from director.model.rendered import RenderedFile, RenderedJobs
from director.render import places
from director.render.monit_checks import PlacedCheck

_BY_GROUP = ("memory", "processes")
_LAUNCHERS = ("/var/vcap/jobs/bpm/bin/bpm", "/var/vcap/packages/bpm/bin/bpm")


def read_file(job: str, files: Mapping[str, RenderedFile], read: BpmReader) -> Iterator[tuple[str, RenderedFile]]:
    """The file for the launcher, of a job that has a bpm.yml which can be read."""
    if bpm.CONFIG in files:
        config = read(job, files[bpm.CONFIG].content)
        if not config.problems:
            content = json.dumps(config.content, sort_keys=True, indent=1) + "\n"
            yield bpm.READ_CONFIG, RenderedFile(content=content.encode())


def config_findings(
    spec: InstanceSpec, rendered: RenderedJobs, *, checks: Iterable[PlacedCheck], read: BpmReader
) -> Iterator[InputError | JobRemark]:
    """What is wrong with each bpm.yml: a problem where monit starts the job by bpm, otherwise a remark.

    Codes: bpm-config-broken, bpm-process-unknown.
    """
    started = list(_started(checks))
    for job in spec.jobs:
        files = rendered[job.name]
        if bpm.CONFIG not in files:
            continue
        config = read(job.name, files[bpm.CONFIG].content)
        where = places.file_place(job, bpm.CONFIG)
        wanted = [process for name, process in started if name == job.name]
        for problem in config.problems:
            yield _broken(job, problem, where) if wanted else _remark(job, problem, where)
        if config.ignored_keys:
            keys = ", ".join(sorted(set(config.ignored_keys)))
            yield JobRemark(kind="key-ignored", text=f"bpm ignores these keys of job '{job.name}': {keys} ({where}).")
        yield from () if config.problems else _unknown(job, config.content, wanted=wanted, where=where)
        yield from _group_limits(job, config.content, where)


def _started(checks: Iterable[PlacedCheck]) -> Iterator[tuple[str, str]]:
    """Job and process of each `bpm start JOB [-p PROCESS]`."""
    for placed in checks:
        words = placed.check.start.command if placed.check.start else ()
        if len(words) > 2 and posixpath.normpath(words[0]) in _LAUNCHERS and words[1] == "start":
            chosen = [after for word, after in itertools.pairwise(words) if word in ("-p", "--process")]
            yield words[2], chosen[0] if chosen else words[2]


def _unknown(job: Job, content: Mapping[str, object], *, wanted: list[str], where: str) -> Iterator[InputError]:
    processes = content.get("processes")
    known = [str(each["name"]) for each in processes] if isinstance(processes, list) else []
    for name in wanted:
        if name not in known:
            yield InputError(
                "bpm-process-unknown",
                f"The monit file of job '{job.name}' starts process '{name}', which bpm.yml does not have.",
                why=f"bpm.yml has: {', '.join(known) or 'none'}.",
                fix="Add the process to bpm.yml, or correct `bpm start` in the monit file.",
                where=where,
            )


def _group_limits(job: Job, content: Mapping[str, object], where: str) -> Iterator[JobRemark]:
    processes = content.get("processes")
    limits = [each["limits"] for each in processes] if isinstance(processes, list) else []
    names = [name for name in _BY_GROUP if any(limit.get(name) is not None for limit in limits)]
    if names:
        text = f"bpm limits {' and '.join(names)} of job '{job.name}' by control groups, which a VM here does not have"
        yield JobRemark(kind=BPM_LIMITS, text=f"{text}: they are not enforced ({where}).")


def _broken(job: Job, problem: str, where: str) -> InputError:
    return InputError(
        "bpm-config-broken",
        f"bpm cannot read the configuration of job '{job.name}': {problem}.",
        why="bpm would refuse to start the job's processes.",
        fix="Correct the template of config/bpm.yml, or the property it works on.",
        where=where,
    )


def _remark(job: Job, problem: str, where: str) -> JobRemark:
    text = f"bpm could not read the configuration of job '{job.name}', which monit starts without bpm: {problem}"
    return JobRemark(kind="bpm-config-unused", text=f"{text} ({where}).")
