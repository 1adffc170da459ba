"""What Resource Manager says of templates: bodies of its calls, and their answers. Pure.

Takes a template or JSON, gives the body to send, or values of cpi.contract.native_templates. An error is a tree whose
leaves are the reasons; some of its messages are such a tree again, as text.
Source: MicrosoftDocs/azure-docs articles/azure-resource-manager/templates/deploy-what-if.md.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.azure.wire import refusals
from cpi.contract.json_value import JsonValue
from cpi.contract.native_templates import (
    ChangeKind,
    DeploymentProgress,
    NativeChange,
    NativeDeployment,
    NativeOperation,
    NativeProblem,
    NativePropertyChange,
    NativeTemplate,
)

Json = Mapping[str, Any]
TEMPLATE_TAG = "compleat-template"
"""The tag of a deployment with the digest of its template."""
_CHANGES = {
    "create": ChangeKind.CREATE,
    "delete": ChangeKind.DELETE,
    "modify": ChangeKind.MODIFY,
    "array": ChangeKind.MODIFY,
    "deploy": ChangeKind.DEPLOY,
    "nochange": ChangeKind.NO_CHANGE,
    "ignore": ChangeKind.IGNORE,
}
_ENDED = {
    "succeeded": DeploymentProgress.SUCCEEDED,
    "failed": DeploymentProgress.FAILED,
    "canceled": DeploymentProgress.FAILED,
}
_SECURE = ("securestring", "secureobject")
_DEEPEST = 8
_MOST_PROBLEMS = 50
_LONGEST = 1000


def body(template: NativeTemplate) -> dict[str, Any]:
    """What validate, what-if and deployment are asked with."""
    given = {name: {"value": value} for name, value in template.parameters.items()}
    return {"properties": {"mode": "Incremental", "template": dict(template.content), "parameters": given}}


def digest(template: NativeTemplate) -> str:
    """Of the template alone: values of parameters may be secret."""
    return hashlib.sha256(json.dumps(template.content, sort_keys=True).encode()).hexdigest()[:32]


def validated(answer: JsonValue) -> tuple[tuple[str, str], ...]:
    """Types and names of the resources that a validation lists."""
    listed = _list(_object(_object(answer).get("properties")).get("validatedResources"))
    return tuple(type_and_name(str(_object(one).get("id", ""))) for one in listed)


def problems(answer: JsonValue) -> tuple[NativeProblem, ...]:
    """The reasons in an answer that has an error; none where it has not."""
    error = _object(answer).get("error")
    return tuple(dict.fromkeys(_leaves(error, ("", ""), 0)))[:_MOST_PROBLEMS] if error else ()


def changes(answer: JsonValue) -> tuple[NativeChange, ...]:
    """What a what-if found."""
    return tuple(_change(_object(one)) for one in _list(_object(_object(answer).get("properties")).get("changes")))


def deployment(answer: Json, operations: Sequence[Json]) -> NativeDeployment:
    """A deployment and what it does to each resource."""
    properties = _object(answer.get("properties"))
    state = str(properties.get("provisioningState", "")).lower()
    progress = _ENDED.get(state, DeploymentProgress.RUNNING)
    found = tuple(_failures(operations)) or problems(properties)
    if progress is DeploymentProgress.FAILED and not found:
        found = (NativeProblem(code=f"Deployment{state.title()}", message=f"The deployment has the state {state}."),)
    return NativeDeployment(
        name=str(answer.get("name", "")),
        progress=progress,
        operations=tuple(dict.fromkeys(_operations(operations))),
        outputs={name: _output(_object(one)) for name, one in _object(properties.get("outputs")).items()},
        problems=found if progress is DeploymentProgress.FAILED else (),
    )


def resource_ids(operations: Sequence[Json]) -> set[str]:
    """What a deployment touched, in small letters."""
    return {str(target["id"]).lower() for target in _targets(operations) if target.get("id")}


def type_and_name(resource: str) -> tuple[str, str]:
    """Of a resource's id: ("Microsoft.Network/virtualNetworks/subnets", "wide/front")."""
    _, _, words = resource.rpartition("/providers/")
    space, *rest = words.split("/")
    return "/".join([space, *rest[0::2]]), "/".join(rest[1::2])


def _leaves(error: JsonValue, resource: tuple[str, str], depth: int) -> Iterator[NativeProblem]:
    found = _object(error)
    code, message = str(found.get("code", "")), str(found.get("message", ""))
    target = str(found.get("target") or "")
    own = type_and_name(target) if "/providers/" in target else resource
    inner = _list(found.get("details")) or _inside(message)
    if inner and depth < _DEEPEST:
        for one in inner:
            yield from _leaves(one, own, depth + 1)
        return
    info = next((_object(_object(one).get("info")) for one in _list(found.get("additionalInfo"))), {})
    path = str(info.get("path") or "") or ("" if "/" in target else target)
    text = refusals.redact(message)[:_LONGEST]
    yield NativeProblem(code=code, message=text, resource=own, path=path.removeprefix("properties.template."))


def _inside(message: str) -> Sequence[JsonValue]:
    """The error that a provider's message is as text."""
    if not message.lstrip().startswith("{"):
        return ()
    try:
        found = _object(json.loads(message))
    except ValueError:
        return ()
    inner = found.get("error") or found.get("Error") or found
    return (inner,) if _object(inner).get("message") else ()


def _failures(operations: Sequence[Json]) -> Iterator[NativeProblem]:
    for one in operations:
        properties = _object(one.get("properties"))
        status = properties.get("statusMessage")
        if str(properties.get("provisioningState", "")).lower() == "failed" and isinstance(status, Mapping):
            target = type_and_name(str(_object(properties.get("targetResource")).get("id", "")))
            yield from _leaves(status.get("error") or status, target, 0)


def _operations(operations: Sequence[Json]) -> Iterator[NativeOperation]:
    for one in operations:
        properties = _object(one.get("properties"))
        target = _object(properties.get("targetResource"))
        if target.get("id"):
            kind, name = type_and_name(str(target["id"]))
            yield NativeOperation(type=kind, name=name, state=str(properties.get("provisioningState", "")))


def _targets(operations: Sequence[Json]) -> Iterator[Mapping[str, JsonValue]]:
    for one in operations:
        yield _object(_object(one.get("properties")).get("targetResource"))


def _change(answer: Mapping[str, JsonValue]) -> NativeChange:
    kind, name = type_and_name(str(answer.get("resourceId", "")))
    return NativeChange(
        kind=_CHANGES.get(str(answer.get("changeType", "")).lower(), ChangeKind.UNSUPPORTED),
        type=kind,
        name=name,
        properties=tuple(_deltas(_list(answer.get("delta")), "")),
        reason=str(answer.get("unsupportedReason") or ""),
    )


def _deltas(listed: Sequence[JsonValue], path: str) -> Iterator[NativePropertyChange]:
    """Leaves alone; what the service calls NoEffect is no change."""
    for one in map(_object, listed):
        kind = _CHANGES.get(str(one.get("propertyChangeType", "")).lower())
        own = f"{path}.{one.get('path', '')}" if path else str(one.get("path", ""))
        inner = _list(one.get("children"))
        if inner:
            yield from _deltas(inner, own)
        elif kind is not None and kind is not ChangeKind.NO_CHANGE:
            yield NativePropertyChange(path=own, kind=kind, before=one.get("before"), after=one.get("after"))


def _output(answer: Mapping[str, JsonValue]) -> JsonValue:
    return None if str(answer.get("type", "")).lower() in _SECURE else answer.get("value")


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
