"""Templates handed to the cloud's own service: validated, compared and deployed there, in the environment's place.

Takes a Session and a template's request, gives tables. What the service refuses becomes errors with places in the
template. The service's word decides; compleat keeps no record of what it deploys, and `down` deletes it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from cpi.contract.json_value import JsonValue
from cpi.contract.native_templates import (
    ChangeKind,
    DeploymentProgress,
    NativeChange,
    NativeDeployment,
    NativeOperation,
    NativeProblem,
    NativeRefusal,
    NativeTemplates,
)
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF
from director.app.checks import preflight
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.app.tasks import running
from director.app.templates import native
from director.app.templates.native import WrittenTemplate
from director.app.templates.template_request import TemplateRequest
from director.errors import ActionFailedError, Failures, InputError, Problems
from director.model.report import Table
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.text.arm.values import HIDDEN

_WORDS = {
    ChangeKind.CREATE: "Create",
    ChangeKind.DELETE: "Delete",
    ChangeKind.MODIFY: "Modify",
    ChangeKind.DEPLOY: "Deploy",
    ChangeKind.NO_CHANGE: "NoChange",
    ChangeKind.IGNORE: "Ignore",
    ChangeKind.UNSUPPORTED: "Unsupported",
}
_UNTOUCHED = frozenset({"NoChange", "Ignore"})
_HARMLESS = frozenset({*_UNTOUCHED, "Create"})
Confirm = Callable[[Table], None]
"""Shows what would change, and asks; raises to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handed:
    """A template, and the service that gets it."""

    template: WrittenTemplate
    service: NativeTemplates


def validate_template(session: Session, request: TemplateRequest) -> Table:
    """List the resources that the service would deploy. Raises InputError and Problems: what it refuses."""
    handed = _hand(session, request)
    rows = tuple(_validated(handed))
    columns = ("order", "name", "type")
    return Table(name="resources", columns=columns, rows=rows, empty="The template has no resources to deploy.")


def explain_changes(session: Session, request: TemplateRequest) -> Table:
    """What a deployment would change, by the service's own what-if. Raises InputError and Problems."""
    return _changes(_hand(session, request))


def deploy_template(session: Session, request: TemplateRequest, confirm: Confirm, *, caller: Caller) -> Table:
    """Deploy it, or follow the deployment that an interrupted command began; gives the outputs.

    `confirm` is called where something that exists would change. Raises InputError and Problems before anything is
    changed, Failures with the reasons of a deployment that failed.
    """
    handed = _hand(session, request)
    environment = fingerprints.known_environment(session)
    fingerprints.report_clouds(session)
    with running.hold_deployment(session, environment, ENVIRONMENT_ITSELF, caller=caller):
        tuple(_validated(handed))
        changes = _changes(handed)
        if any(row["change"] not in _HARMLESS for row in changes.rows):
            confirm(changes)
        with _refusals(handed.template):
            made = handed.service.deploy(handed.template.handed, _Progress(session))
    if made.progress is not DeploymentProgress.SUCCEEDED:
        raise Failures(_failure(handed.template, one) for one in made.problems)
    return _outputs(handed.template, made)


def _hand(session: Session, request: TemplateRequest) -> _Handed:
    """The cloud first: where it has no such service, nothing is read."""
    service = _service(session)
    template = native.read_written(request)
    preflight.report_remarks(session, template.expansion.remarks)
    return _Handed(template=template, service=service)


def _service(session: Session) -> NativeTemplates:
    clouds = session.world.clouds
    found = [cloud.native_templates for cloud in clouds.values() if cloud.native_templates is not None]
    if len(found) == 1:
        return found[0]
    plugins = ", ".join(sorted({cloud.name for cloud in clouds.values()}))
    raise InputError(
        "no-native-templates",
        f"Environment '{session.settings.environment}' has {'several clouds' if found else 'no cloud'} with a service "
        "for templates of Azure Resource Manager.",
        why=f"--native hands the template to that service, and needs one cloud that has it; the environment is on: "
        f"{plugins}.",
        fix="Leave --native out: compleat then deploys the template itself; or choose an environment on Azure with -e.",
        where=session.written.where("clouds") if session.file.clouds else session.written.where("cloud"),
    )


@contextmanager
def _refusals(template: WrittenTemplate) -> Iterator[None]:
    """Within, what the service refuses becomes errors with places, all at once."""
    try:
        yield
    except NativeRefusal as error:
        found = [_refused(template, one) for one in error.problems]
        raise (found[0] if len(found) == 1 else Problems(found)) from error


def _refused(template: WrittenTemplate, problem: NativeProblem) -> InputError:
    return InputError(
        "native-template-refused",
        f"Azure Resource Manager refuses {_subject(problem)}.",
        why=_reason(template, problem),
        fix="Correct the template or its parameters, then run the same command again.",
        where=native.place_of(template, problem),
    )


def _failure(template: WrittenTemplate, problem: NativeProblem) -> ActionFailedError:
    return ActionFailedError(
        "native-deployment-failed",
        f"The deployment of {_subject(problem)} failed.",
        why=_reason(template, problem),
        fix="Correct what it names, then run the same command again; what was deployed stays.",
        where=native.place_of(template, problem),
    )


def _subject(problem: NativeProblem) -> str:
    type_, name = problem.resource
    return f"{type_} '{name}'" if name else "the template"


def _reason(template: WrittenTemplate, problem: NativeProblem) -> str:
    return template.redactor.redact(f"{problem.code}: {problem.message}")


def _validated(handed: _Handed) -> Iterator[Mapping[str, JsonValue]]:
    with _refusals(handed.template):
        found = handed.service.validate(handed.template.handed)
    for order, (type_, name) in enumerate(found, start=1):
        node = native.resource_node(handed.template, type_, name)
        yield {"order": order, "name": name, "type": type_, "where": node.where if node else ""}


def _changes(handed: _Handed) -> Table:
    with _refusals(handed.template):
        found = handed.service.what_if(handed.template.handed)
    rows = tuple(_row(handed.template, one) for one in found)
    columns = ("change", "type", "name", "properties")
    count = sum(row["change"] not in _UNTOUCHED for row in rows)
    return Table(name="changes", columns=columns, rows=rows, count=count, empty="The template has no resources.")


def _row(template: WrittenTemplate, change: NativeChange) -> Mapping[str, JsonValue]:
    delta: list[Mapping[str, JsonValue]] = [
        {"path": one.path, "before": _hidden(template, one.before), "after": _hidden(template, one.after)}
        for one in change.properties
    ]
    properties = [f"{one['path']}: {_text(one['before'])} => {_text(one['after'])}" for one in delta]
    return {
        "change": _WORDS[change.kind],
        "type": change.type,
        "name": change.name,
        "properties": [*properties] or ([change.reason] if change.reason else []),
        "delta": [dict(one) for one in delta],
        "reason": change.reason,
    }


def _text(value: JsonValue) -> str:
    return "(none)" if value is None else str(value)


def _hidden(template: WrittenTemplate, value: JsonValue) -> JsonValue:
    """The value without those of secure parameters."""
    match value:
        case str():
            return template.redactor.redact(value)
        case Mapping():
            return {name: _hidden(template, member) for name, member in value.items()}
        case Sequence():
            return [_hidden(template, member) for member in value]
        case _:
            return value


class _Progress:
    """Reports each resource when its state is another one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: set[NativeOperation] = set()

    def __call__(self, deployment: NativeDeployment) -> None:
        for one in deployment.operations:
            if one not in self._known:
                self._known.add(one)
                at = self._session.world.clock.now()
                text = f"{one.type} {one.state}"
                event = Event(at=at, happening=Happening.CLOUD, stage="Template", subject=one.name, text=text)
                self._session.world.watcher.report(event)


def _outputs(template: WrittenTemplate, made: NativeDeployment) -> Table:
    types = {one.name.lower(): one.type for one in template.expansion.root.outputs}
    rows = tuple(
        {
            "name": name,
            "type": types.get(name.lower(), ""),
            "value": HIDDEN if value is None else _hidden(template, value),
            "known": True,
        }
        for name, value in made.outputs.items()
    )
    columns = ("name", "type", "value")
    return Table(name="outputs", columns=columns, rows=rows, empty="Deployed; the template has no outputs.")
