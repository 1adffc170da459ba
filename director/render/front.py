"""Jobs and properties into files.

Takes an instance's spec and a way to get secrets, gives the files of its jobs; reports the errors of all templates at
once.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping

from cpi.contract.values import JsonValue
from director.errors import InputError, raise_all
from director.model import erb
from director.model.bpm import BpmReader
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import JobFindings, JobRemark
from director.model.rendered import RenderedFile, RenderedJobs
from director.model.reveal import Revealer
from director.render import bpm_files, monit_checks, places, programs
from director.render import jobs as job_files
from director.render.jobs import Engines as Engines
from director.render.languages import Language
from director.render.views import Contexts as Contexts
from director.render.views import Views


def render_jobs(
    spec: InstanceSpec, secret: Callable[[str], JsonValue], engines: Engines, *, contexts: Contexts | None = None
) -> RenderedJobs:
    """Render every template of every job of one instance.

    `secret` gives a secret's whole value by its whole name; its own errors pass through. A caller that renders many
    instances makes `contexts` once with contexts_of and passes them each time.
    Raises: template-error (all of them), ruby-missing, secret-field-missing, secret-not-text.
    """
    contexts = contexts or contexts_of(secret)
    rendered: dict[str, Mapping[str, RenderedFile]] = {}
    problems: list[InputError] = []
    for job in spec.jobs:
        files: dict[str, RenderedFile] = {}
        for destination, made in job_files.render_files(job, contexts.context_of(spec, job), engines):
            if isinstance(made, RenderedFile):
                files[destination] = made
            else:
                problems.append(_problem(spec, job, failed=made, revealer=contexts.revealer))
        files.update(bpm_files.read_file(job.name, files, engines.bpm))
        rendered[job.name] = files
    raise_all(problems)
    return rendered


def has_erb(jobs: Iterable[Job]) -> bool:
    """Whether a template of these jobs is written in ERB."""
    return any(file.language is Language.ERB for job in jobs for file in job_files.files_of(job))


def contexts_of(secret: Callable[[str], JsonValue]) -> Contexts:
    """What templates see, each part that instances share revealed once."""
    return Contexts(Revealer(secret=secret))


def check_jobs(specs: Iterable[InstanceSpec], secret: Callable[[str], JsonValue], engines: Engines) -> JobFindings:
    """Render all templates of many instances, and see whether what they make can be run.

    A template is rendered once for all instances of which it sees the same, so a template that does not look at its
    own instance costs what one instance does, however many there are; what is made is looked at once, too.
    Codes: what render_jobs raises of templates, and those of examine_jobs. Raises: ruby-missing, secret-field-missing,
    secret-not-text.
    """
    revealer = Revealer(secret=secret)
    views = Views(Contexts(revealer), engines)
    problems: list[InputError] = []
    remarks: dict[JobRemark, None] = {}
    known: set[int] = set()
    for spec in specs:
        seen = views.render(spec)
        problems += [_problem(spec, job, failed=made, revealer=revealer) for job, made in seen.failed]
        key = hash((spec.spec.get("name"), *((job, *files.items()) for job, files in seen.rendered.items())))
        if seen.is_whole and key not in known:
            known.add(key)
            examined = examine_jobs(spec, seen.rendered, engines.bpm)
            problems += examined.problems
            remarks.update(dict.fromkeys(examined.remarks))
    return JobFindings(problems=tuple(problems), remarks=tuple(remarks))


def examine_jobs(spec: InstanceSpec, rendered: RenderedJobs, read_bpm: BpmReader) -> JobFindings:
    """See whether what was rendered can be run: monit files, what they start, scripts, bpm's files.

    Codes: monit-file-broken, monit-depends-broken, monit-name-twice, monit-program-missing, script-without-interpreter,
    bpm-config-broken, bpm-process-unknown.
    """
    checks, broken = monit_checks.read_checks(spec, rendered)
    found = [
        *broken,
        *(() if broken else monit_checks.order_problems(spec, checks)),
        *monit_checks.unwatched_conditions(checks),
        *(() if broken else monit_checks.unused_settings(spec, rendered)),
        *(() if broken else monit_checks.unsupervised_checks(spec, rendered)),
        *programs.missing_programs(spec, rendered, checks),
        *programs.scripts_without_interpreter(spec, rendered),
        *bpm_files.config_findings(spec, rendered, checks=checks, read=read_bpm),
    ]
    return JobFindings(
        problems=tuple(each for each in found if isinstance(each, InputError)),
        remarks=tuple(each for each in found if isinstance(each, JobRemark)),
    )


def _problem(spec: InstanceSpec, job: Job, *, failed: job_files.FailedTemplate, revealer: Revealer) -> InputError:
    failure = failed.failure
    path = places.template_place(job, failed.source)
    if failure.message == erb.TOO_LARGE:
        return InputError(
            "template-too-large",
            f"Template '{failed.source}' of job '{job.name}' renders to too much for instance {_instance(spec)}.",
            why=f"More than {erb.LARGEST_OUTPUT} characters were written, as by a loop that does not end.",
            fix="Correct the template, or the property that it repeats.",
            where=f"{path}:{failure.line}" if failure.line else path,
        )
    return InputError(
        "template-error",
        f"Template '{failed.source}' of job '{job.name}' fails for instance {_instance(spec)}: "
        f"{revealer.clean(failure.message.strip())}.",
        why=_OF_LINK if failure.is_of_link else _why(job, failure.names, failure.line),
        fix=_FIX_OF_LINK if failure.is_of_link else _fix(job, failure.names),
        where=f"{path}:{failure.line}" if failure.line else path,
    )


_OF_LINK = "It is a property of a link, which the link's provider does not hand over, or has no value for."
_FIX_OF_LINK = (
    "Set it where the provider is; where the link is written by hand, under its `properties`; or give the template a "
    "default."
)


def _instance(spec: InstanceSpec) -> str:
    return f"{spec.spec.get('name')}/{spec.spec.get('index')}"


def _why(job: Job, names: tuple[str, ...], line: int) -> str:
    declared = {definition.name for definition in job.source.properties}
    links = {definition.name for definition in job.source.consumes}
    if not names:
        return f"Line {line} of it cannot be rendered." if line else "It cannot be rendered."
    if declared.intersection(names):
        return "The job's spec gives it no default, and the manifest gives it no value."
    if links.intersection(names):
        return "The link is optional and has no provider."
    parent = _declared_parent(names[0], declared)
    if parent:
        return (
            f"The spec of job '{job.name}' declares '{parent}', whose field '{_field(names[0], parent)}' has no value."
        )
    return f"The spec of job '{job.name}' does not declare this name."


def _fix(job: Job, names: tuple[str, ...]) -> str:
    declared = [definition.name for definition in job.source.properties]
    links = [definition.name for definition in job.source.consumes]
    if not names:
        return "Correct the template, or the property it works on."
    if set(declared).intersection(names):
        return f"Set it under the properties of job '{job.name}' in the manifest."
    if set(links).intersection(names):
        return "Ask with if_link or has_link first, or name a provider in the manifest."
    parent = _declared_parent(names[0], declared)
    if parent:
        return f"Set '{parent}' under the properties of job '{job.name}', with its field '{_field(names[0], parent)}'."
    near = difflib.get_close_matches(names[0], [*declared, *links], n=1)
    if near:
        return f"Did you mean '{near[0]}'? Otherwise declare it in {job.source.where}."
    return f"Declare it in {job.source.where}."


def _declared_parent(name: str, declared: Iterable[str]) -> str:
    """The longest declared property that `name` is a field of; "" if there is none."""
    return max((each for each in declared if name.startswith(f"{each}.")), key=len, default="")


def _field(name: str, parent: str) -> str:
    return name.removeprefix(f"{parent}.")
