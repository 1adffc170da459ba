"""The monit files of one instance, as the supervisor on its VM will read them.

Takes an instance's jobs and their rendered files, gives checks and what is wrong with them.
"""

from collections.abc import Iterable, Iterator, Mapping

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import JobRemark
from director.model.rendered import RenderedFile, RenderedJobs
from director.monit import ordering, reading
from director.monit.checks import GROUP, BrokenFileError, Check, NameTwiceError, UnorderedError
from director.render import places
from director.render.jobs import MONIT


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCheck:
    """A check, the job that brings it, and where it was written."""

    check: Check
    job: Job
    where: str


def read_checks(spec: InstanceSpec, rendered: RenderedJobs) -> tuple[list[PlacedCheck], list[InputError]]:
    """Every check of the group that BOSH supervises, and what is wrong with the files that cannot be read."""
    found: list[PlacedCheck] = []
    problems: list[InputError] = []
    for job in spec.jobs:
        for path, text in _monit_files(rendered[job.name]):
            try:
                found += _placed(job, path, text)
            except BrokenFileError as error:
                problems.append(_broken(job, path, error))
            except InputError as error:
                problems.append(error)
    return found, problems


def order_problems(spec: InstanceSpec, checks: list[PlacedCheck]) -> Iterator[InputError]:
    """What keeps the checks of the instance from being put in order."""
    instance = str(spec.spec.get("name"))
    try:
        ordering.order_checks([each.check for each in checks])
    except NameTwiceError as error:
        for name in error.names:
            yield _twice(name, [each for each in checks if each.check.name == name], instance)
    except UnorderedError as error:
        first = next(each for each in checks if each.check.name == error.names[0])
        yield InputError(
            "monit-depends-broken",
            f"The processes of instance group '{instance}' have no valid start order.",
            why=f"{error.why}.",
            fix="Correct 'depends on' in the job's monit file, or add the job that has the other process.",
            where=first.where,
        )


def unwatched_conditions(checks: Iterable[PlacedCheck]) -> Iterator[JobRemark]:
    """What the supervisor does not evaluate, a remark for each job."""
    by_job: dict[str, list[PlacedCheck]] = {}
    for placed in checks:
        if placed.check.unwatched:
            by_job.setdefault(placed.job.name, []).append(placed)
    for name, found in by_job.items():
        shown = "; ".join(f"{each.check.name}: {', '.join(each.check.unwatched)}" for each in found)
        text = f"The monit file of job '{name}' has parts that are not watched: {shown} ({found[0].where})."
        yield JobRemark(kind="monit-unwatched", text=text)


def unsupervised_checks(spec: InstanceSpec, rendered: RenderedJobs) -> Iterator[JobRemark]:
    """Checks outside of the group that BOSH starts and stops, a remark for each job; of files that can be read."""
    for job in spec.jobs:
        names = [
            check.name
            for path, text in _monit_files(rendered[job.name])
            for check in reading.read_checks(text)
            if check.group != GROUP
        ]
        if names:
            shown = ", ".join(dict.fromkeys(names))
            text = f"The monit file of job '{job.name}' has checks without `group {GROUP}`: {shown} is not started."
            yield JobRemark(kind="monit-group-missing", text=text)


def unused_settings(spec: InstanceSpec, rendered: RenderedJobs) -> Iterator[JobRemark]:
    """Settings of monit itself, a remark for each job; of files that can be read."""
    for job in spec.jobs:
        found = [
            (setting.name, places.file_place(job, path, setting.line))
            for path, text in _monit_files(rendered[job.name])
            for setting in reading.read_settings(text)
        ]
        if found:
            shown = ", ".join(f"`set {name}`" for name, _ in found)
            text = f"The monit file of job '{job.name}' has settings without effect here: {shown} ({found[0][1]})."
            yield JobRemark(kind="monit-setting-unused", text=text)


def _monit_files(files: Mapping[str, RenderedFile]) -> Iterator[tuple[str, str]]:
    """The files that the guest takes for monit files, as BOSH's agent does."""
    for path in sorted(files):
        if path == MONIT or (path.endswith(".monit") and "/" not in path):
            yield path, files[path].content.decode("utf-8", "replace")


def _placed(job: Job, path: str, text: str) -> Iterator[PlacedCheck]:
    """Raises BrokenFileError, InputError."""
    if text.lstrip().startswith("{"):
        raise _of_windows(job, path)
    checks = [check for check in reading.read_checks(text) if check.group == GROUP]
    lines = reading.lines_of_checks(text) if checks else {}
    for check in checks:
        yield PlacedCheck(check=check, job=job, where=places.file_place(job, path, lines.get(check.name, 0)))


def _broken(job: Job, path: str, error: BrokenFileError) -> InputError:
    where = places.file_place(job, path, error.line)
    is_placed = where.endswith(f":{error.line}")
    return InputError(
        "monit-file-broken",
        f"The monit file of job '{job.name}' cannot be read.",
        why=f"Found {error.found}{'' if is_placed else f' on line {error.line} of what it renders to'}.",
        fix=f"Correct it. Supported are {error.supported}.",
        where=where,
    )


def _of_windows(job: Job, path: str) -> InputError:
    """No monit file begins with a brace. Source: cloudfoundry/bosh-agent jobsupervisor/windows_job_supervisor.go."""
    return InputError(
        "job-of-windows",
        f"Job '{job.name}' is for Windows: its monit file is JSON.",
        why="BOSH's agent on Windows reads JSON; VMs here run Linux, where monit files are in monit's own language.",
        fix="Remove the job from the instance group, or use the job that the release has for Linux.",
        where=places.file_place(job, path, 1),
    )


def _twice(name: str, checks: list[PlacedCheck], instance: str) -> InputError:
    jobs = " and ".join(f"'{name}'" for name in sorted({each.job.name for each in checks}))
    return InputError(
        "monit-name-twice",
        f"Process '{name}' appears twice in the monit files of instance group '{instance}': jobs {jobs}.",
        why=f"The other one is at {checks[0].where}.",
        fix="Give the process another name in one monit file.",
        where=checks[-1].where,
    )
