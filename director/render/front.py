"""Jobs and properties into files.

Takes an instance's spec and a way to get secrets, gives the files of its jobs; every template's error is told at once.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping

from cpi.values import JsonValue
from director.errors import InputError, raise_all
from director.model.desired import Job
from director.model.rendered import RenderedFile, RenderedJobs
from director.model.work import InstanceSpec
from director.render import jobs as job_files
from director.render.jobs import Engines as Engines
from director.render.reveal import Revealer
from director.render.views import Contexts, Views


def render_jobs(spec: InstanceSpec, secret: Callable[[str], JsonValue], engines: Engines) -> RenderedJobs:
    """Render every template of every job of one instance.

    `secret` gives a secret's whole value by its whole name; its own errors pass through.
    Raises: template-error (all of them), ruby-missing, secret-field-missing, secret-not-text.
    """
    revealer = Revealer(secret=secret)
    contexts = Contexts(revealer)
    rendered: dict[str, Mapping[str, RenderedFile]] = {}
    problems: list[InputError] = []
    for job in spec.jobs:
        files: dict[str, RenderedFile] = {}
        for destination, made in job_files.render_files(job, contexts.context_of(spec, job), engines):
            if isinstance(made, RenderedFile):
                files[destination] = made
            else:
                problems.append(_problem(spec, job, failed=made, revealer=revealer))
        rendered[job.name] = files
    raise_all(problems)
    return rendered


def check_jobs(
    specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue], engines: Engines
) -> tuple[InputError, ...]:
    """Render all templates of many instances and give what fails: the errors that render_jobs would raise for each.

    A template is rendered once for all instances of which it sees the same, so a template that does not look at its
    own instance costs what one instance does, however many there are.
    Raises: ruby-missing, secret-field-missing, secret-not-text.
    """
    revealer = Revealer(secret=secret)
    contexts = Contexts(revealer)
    views = Views()
    return tuple(
        _problem(spec, job, failed=made, revealer=revealer)
        for spec in specs
        for job in spec.jobs
        if (unseen := views.unseen(spec, job))
        for _, made in job_files.render_written(job, contexts.context_of(spec, job), engines, written=unseen)
        if not isinstance(made, RenderedFile)
    )


def _problem(spec: InstanceSpec, job: Job, *, failed: job_files.FailedTemplate, revealer: Revealer) -> InputError:
    failure = failed.failure
    path = _path(job, failed.source)
    return InputError(
        "template-error",
        f"Template '{failed.source}' of job '{job.name}' fails for instance {_instance(spec)}: "
        f"{revealer.clean(failure.message.strip())}.",
        why=_why(job, failure.names, failure.line),
        fix=_fix(job, failure.names),
        where=f"{path}:{failure.line}" if failure.line else path,
    )


def _path(job: Job, source: str) -> str:
    """The template's own file, beside the job's spec."""
    folder, slash, _ = job.source.where.rpartition("/")
    return f"{folder}{slash}{source}" if source == job_files.MONIT else f"{folder}{slash}templates/{source}"


def _instance(spec: InstanceSpec) -> str:
    return f"{spec.spec.get('name')}/{spec.spec.get('index')}"


def _why(job: Job, names: tuple[str, ...], line: int) -> str:
    declared = {definition.name for definition in job.source.properties}
    links = {definition.name for definition in job.source.consumes}
    if not names:
        return f"line {line} of it cannot be rendered." if line else "it cannot be rendered."
    if declared.intersection(names):
        return "the job's spec gives it no default, and the manifest gives it no value."
    if links.intersection(names):
        return "the link is optional, and nobody provides it."
    return f"the spec of job '{job.name}' declares nothing of that name."


def _fix(job: Job, names: tuple[str, ...]) -> str:
    declared = [definition.name for definition in job.source.properties]
    links = [definition.name for definition in job.source.consumes]
    if not names:
        return "correct the template, or the property it works on."
    if set(declared).intersection(names):
        return f"set it under the properties of job '{job.name}' in the manifest."
    if set(links).intersection(names):
        return "ask with if_link or has_link first, or let the manifest say who provides it."
    near = difflib.get_close_matches(names[0], [*declared, *links], n=1)
    meant = f"did you mean '{near[0]}'? Otherwise " if near else ""
    return f"{meant}declare it in {job.source.where}."
