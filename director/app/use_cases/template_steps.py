"""What a template deploys, in order: its VMs, its bundle, its deployments.

Takes a Session, the environment and a template's request, gives what `up` deploys and what it keeps; writes nothing
until it is asked to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director import errors
from director.app.sessions import template_records
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.templates import translated
from director.app.templates.template_request import TemplateRequest
from director.app.templates.translated import TranslatedTemplate
from director.app.use_cases import bundle_files
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.errors import InputError, raise_all
from director.model.documents import Remark, Source, WrittenDocument
from director.model.environments.environment import Environment
from director.model.secret_ref import Property
from director.model.tasks.caller import Caller
from director.model.written.bundle import Bundle
from director.resolve.templates.request import StepKind, TemplateStep
from director.text.yaml import reader, writer


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDeployment:
    """A deployment of a template; `step` is what made it."""

    name: str
    requested: RequestedDeployment
    step: TemplateStep


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDeployments:
    """All deployments of a template, in order; `index` is its bundle's, None without one."""

    translated: TranslatedTemplate
    deployments: tuple[TemplateDeployment, ...]
    index: WrittenDocument[Bundle] | None

    @property
    def session(self) -> Session:
        """The session that has what the template adds."""
        return self.translated.session

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What of the template has no effect, and what has another one than on Azure."""
        return (*self.translated.expansion.remarks, *self.translated.translation.remarks)

    @property
    def requested(self) -> tuple[RequestedDeployment, ...]:
        """What to deploy."""
        return tuple(each.requested for each in self.deployments)


def read_template(session: Session, environment: Environment, request: TemplateRequest) -> TemplateDeployments:
    """Raises InputError and Problems: all that is wrong with the template and the files that it names."""
    found = translated.translate_template(session, environment, request)
    deployments: list[TemplateDeployment] = []
    problems: list[InputError] = []
    for step in found.translation.steps:
        try:
            deployments.extend(_deployments(found, step))
        except InputError as error:
            problems.extend(_at(each, step) for each in errors.each_problem(error))
    raise_all([*problems, *_twice(deployments)])
    index = next((each.requested.index for each in deployments if each.step.kind is StepKind.BUNDLE), None)
    return TemplateDeployments(translated=found, deployments=tuple(deployments), index=index)


def begin(template: TemplateDeployments, caller: Caller) -> None:
    """Store what the deployments need: the template's part of the cloud config, and the secrets.

    The resources stay recorded as they were until all is deployed.
    """
    found = template.translated
    resources = found.before.resources if found.before else ()
    _save(template, replace(found.record, resources=resources), caller)
    for each in template.deployments:
        translated.store_secrets(template.session, each.name, each.step.secrets)


def finish(template: TemplateDeployments, caller: Caller) -> None:
    """Record the template's resources as they are deployed."""
    _save(template, template.translated.record, caller)


def _save(template: TemplateDeployments, record: template_records.TemplateRecord, caller: Caller) -> None:
    config = translated.stored_config(template.translated, record, who=caller.who)
    template_records.save_record(template.session.world.configs, config)


def _deployments(found: TranslatedTemplate, step: TemplateStep) -> Iterator[TemplateDeployment]:
    session, folder = found.session, found.request.folder
    match step.kind:
        case StepKind.OWN:
            yield _deployment(RequestedDeployment(files=translated.own_manifest(found)), step)
        case StepKind.BUNDLE:
            _, requested = bundle_files.read_bundle(session, str(step.source), step.variables, base=folder)
            yield from (_deployment(one, step) for one in requested)
        case StepKind.DEPLOYMENT:
            yield _deployment(RequestedDeployment(files=_manifest(found, step)), step)
        case _:
            assert_never(step.kind)


def _deployment(requested: RequestedDeployment, step: TemplateStep) -> TemplateDeployment:
    files = translated.with_secrets(requested.files, step.secrets)
    tree = reader.read_document(files.manifest).tree
    name = str(tree.get("name", "")) if isinstance(tree, Mapping) else ""
    return TemplateDeployment(name=name, requested=replace(requested, files=files), step=step)


def _manifest(found: TranslatedTemplate, step: TemplateStep) -> ManifestFiles:
    files, folder = found.session.files, found.request.folder
    if isinstance(step.source, str):
        source = files.read_source(step.source, base=folder)
    else:
        title = step.resource.title if step.resource else ""
        source = Source(name=f"the manifest of {title}", content=writer.write_yaml(step.source).encode())
    return ManifestFiles(
        manifest=source,
        base=_base(folder, step.source),
        ops=tuple(files.read_source(path, base=folder) for path in step.ops),
        values=step.variables,
    )


def _base(folder: str, source: Property) -> str:
    """Where paths in a manifest are meant from: where it is itself."""
    inner = source.rpartition("/")[0] if isinstance(source, str) else ""
    if inner.startswith("/"):
        return inner
    return f"{folder}/{inner}" if inner else folder


def _at(error: ExplainedError, step: TemplateStep) -> InputError:
    """What is wrong with a file that the template names, with the place that names it."""
    if error.where or step.resource is None:
        return error if isinstance(error, InputError) else InputError.of(error, where=error.where)
    return InputError.of(error, where=step.resource.where())


def _twice(deployments: Iterable[TemplateDeployment]) -> Iterator[InputError]:
    seen: set[str] = set()
    for each in deployments:
        if each.name and each.name in seen:
            yield InputError(
                "template-name-taken",
                f"Two deployments of the template are called '{each.name}'.",
                why="The deployment of the template's VMs has the name of its file, others that of their manifest.",
                fix="Rename one of them.",
                where=each.step.resource.where() if each.step.resource else "",
            )
        seen.add(each.name)
