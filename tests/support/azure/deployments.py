"""Deployments of templates: validated, compared, carried out resource by resource, and listed.

Takes a request, gives a reply. Templates are evaluated by compleat's own evaluator; each resource is put by the
stand-in's own rules, one for each look at the operations, in the order of their dependencies. A resource that is
refused fails the deployment, and what depends on it is not begun.
Source: the recordings of deployments, and Microsoft.Resources/stable/2024-03-01/resources.json.
"""

import copy
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from director.errors import Problems
from director.model.documents import Source
from director.text.arm import reading
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import expansion
from director.text.arm.template.expansion import ExpandedResource, ExpandRequest, Expansion
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.values import DeployedObject, DeployedValue
from tests.support.azure.answers import Reply, Request, Target
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.store import SUBSCRIPTION, Held, Json, Refusal, Store, key_of

DEPLOYMENT = "Microsoft.Resources/deployments"
_SEEN = ("tags", "sku", "kind", "location")
_AT = "2024-01-01T00:00:00Z"
_FILE = "template"
_OPERATIONS = re.compile(r"(?P<scope>/.*/resourcegroups/[^/]+)/deployments/(?P<name>[^/]+)/operations", re.IGNORECASE)
Put = Callable[[Request], Reply]


@dataclass(slots=True, kw_only=True)
class _Running:
    """A deployment under way or over; `done` are the ids of what it put, `failed` why others were refused."""

    request: Request
    body: Json
    state: str = "Accepted"
    done: list[str] = field(default_factory=list)
    failed: dict[str, Json] = field(default_factory=dict)
    outputs: Json = field(default_factory=dict)
    error: Json | None = None


class Deployments:
    """Those of all groups. `put` sends a request for a resource to the stand-in itself, and ends its operation."""

    def __init__(self, store: Store, put: Put) -> None:
        self._store = store
        self._put = put
        self._running: dict[str, _Running] = {}

    def answer(self, request: Request, target: Target) -> Reply:
        """By method and action."""
        words = request.path.rstrip("/").split("/")
        if request.method == "POST":
            return self._ask(request, target)
        if words[-2].lower() == "operationstatuses":
            return Reply(status=200, body={"status": self._need("/".join(words[:-2])).state})
        if target.is_list:
            start = f"{target.scope}/".lower()
            held = [one for one in self._store.of_type(DEPLOYMENT) if one.id.lower().startswith(start)]
            return Reply(status=200, body={"value": [self._shown(one.id) for one in held]})
        if request.method == "PUT":
            return self._begin(request, target)
        return Reply(status=200, body=self._shown(target.id))

    def list_operations(self, request: Request) -> Reply | None:
        """Their path names no provider; None: it is another path."""
        found = _OPERATIONS.fullmatch(request.path)
        if found is None or request.method != "GET":
            return None
        deployment = f"{found['scope']}/providers/{DEPLOYMENT}/{found['name']}"
        self._step(deployment)
        return Reply(status=200, body={"value": list(self._operations(deployment))})

    def _ask(self, request: Request, target: Target) -> Reply:
        found = self._expanded(request)
        match target.action.lower():
            case "validate":
                ids = [{"id": one.instance.resource_id} for one in _resources(found)]
                body = self._body(target.id, request, state="Succeeded")
                body["properties"] |= {"validatedResources": ids, "dependencies": [], "duration": "PT0S"}
                return Reply(status=200, body={"properties": body["properties"]})
            case "whatif":
                changes = list(self._changes(found, target))
                operation = self._store.begin(
                    lambda: {"status": "Succeeded", "properties": {"changes": changes}}, left=1
                )
                root = f"{request.base}/subscriptions/{SUBSCRIPTION}/operationresults"
                return Reply(status=202, headers={"Location": f"{root}/{operation.id}", "x-ms-retry-after-ms": "1"})
        raise Refusal(400, "InvalidRequestUri", f"There is no action '{target.action}'.")

    def _begin(self, request: Request, target: Target) -> Reply:
        there = self._running.get(key_of(target.id))
        if there is not None and there.state in ("Accepted", "Running"):
            words = f"Unable to edit or replace deployment '{target.name}': previous deployment is still active."
            raise Refusal(409, "DeploymentActive", words)
        self._expanded(request)
        body = self._body(target.id, request, state="Accepted")
        body["properties"] |= {"dependencies": [], "duration": "PT0S"}
        is_new = self._store.find(target.id) is None
        self._store.put(Held(id=target.id, body=body))
        self._running[key_of(target.id)] = _Running(request=request, body=body)
        status = f"{request.base}{target.id}/operationStatuses/{uuid.uuid4()}"
        return Reply(status=201 if is_new else 200, body=body, headers={"Azure-AsyncOperation": status})

    def _step(self, deployment: str) -> None:
        """Put one more resource; with none left, the deployment is over."""
        run = self._need(deployment)
        if run.state not in ("Accepted", "Running"):
            return
        run.state = "Running"
        found = self._expanded(run.request, run)
        ready = next((one for one in _resources(found) if self._is_ready(one, run, found)), None)
        if ready is not None:
            self._put_one(ready, run)
            return
        run.state = "Failed" if run.failed else "Succeeded"
        if run.failed:
            words = "At least one resource deployment operation failed. Please list deployment operations for details."
            details = [{"code": "Conflict", "message": json.dumps({"error": one})} for one in run.failed.values()]
            run.error = {"code": "DeploymentFailed", "message": words, "details": details}
            return
        run.outputs = {
            one.name: {"type": one.type, **({} if one.is_secure else {"value": _json(one.value)})}
            for one in found.root.outputs
        }

    def _is_ready(self, one: ExpandedResource, run: _Running, found: Expansion) -> bool:
        own = one.instance.resource_id
        ids = {each.instance.resource_id.lower(): each for each in _resources(found)}
        names = {str(each.instance.name): key for key, each in ids.items()}
        waits = {names.get(word, word.lower()) for word in one.waits_for} & set(ids)
        done = {each.lower() for each in run.done}
        return own not in run.failed and own.lower() not in done and waits <= done

    def _put_one(self, one: ExpandedResource, run: _Running) -> None:
        own = one.instance.resource_id
        request = run.request
        query = {"api-version": one.instance.api_version}
        body = {key: value for key, value in _json(dict(one.body)).items() if key not in ("comments", "copy")}
        try:
            self._put(
                Request(method="PUT", path=own, query=query, headers=request.headers, body=body, base=request.base)
            )
        except Refusal as refusal:
            run.failed[own] = refusal.body["error"]
        else:
            run.done.append(own)

    def _operations(self, deployment: str) -> Iterator[Json]:
        run = self._need(deployment)
        states = dict.fromkeys(run.done, "Succeeded") | dict.fromkeys(run.failed, "Failed")
        for own, state in states.items():
            kind, name = _type_and_name(own)
            properties: Json = {
                "provisioningOperation": "Create",
                "provisioningState": state,
                "timestamp": _AT,
                "duration": "PT1S",
                "statusCode": "Conflict" if own in run.failed else "OK",
                "targetResource": {"id": own, "resourceType": kind, "resourceName": name},
            }
            if own in run.failed:
                properties["statusMessage"] = {"status": "Failed", "error": run.failed[own]}
            number = uuid.uuid5(uuid.NAMESPACE_URL, own.lower()).hex[:16].upper()
            yield {"id": f"{deployment}/operations/{number}", "operationId": number, "properties": properties}

    def _changes(self, found: Expansion, target: Target) -> Iterator[Json]:
        wanted = {one.instance.resource_id.lower(): one for one in _resources(found)}
        for one in wanted.values():
            own = one.instance.resource_id
            after = {
                "id": own,
                "type": one.instance.type,
                "apiVersion": one.instance.api_version,
                **_json(dict(one.body)),
            }
            there = self._store.find(own)
            if there is None:
                yield {"resourceId": own, "changeType": "Create", "after": after}
                continue
            delta = list(_delta(there.body, {key: after[key] for key in (*_SEEN, "properties") if key in after}))
            change = {"resourceId": own, "changeType": "Modify" if delta else "NoChange", "before": there.body}
            yield {**change, "after": after, "delta": delta}
        start = f"{target.scope}/providers/".lower()
        for key, held in self._store.held.items():
            is_part = held.id.split("/providers/")[-1].count("/") > 2
            if key.startswith(start) and key not in wanted and not is_part and held.body.get("type") != DEPLOYMENT:
                yield {"resourceId": held.id, "changeType": "Ignore", "before": held.body}

    def _expanded(self, request: Request, run: _Running | None = None) -> Expansion:
        """The template with what is deployed so far. Refuses what is wrong with it."""
        if not isinstance(request.body, dict) or "template" not in request.body.get("properties", {}):
            raise Refusal(400, "InvalidRequestContent", "The request content was invalid.")
        properties = request.body["properties"]
        scope, _, _ = request.path.partition("/providers/")
        group = scope.rstrip("/").rsplit("/", 1)[-1]
        done = {one.lower(): copy.deepcopy(self._store.need(one).body) for one in run.done} if run else {}
        surroundings = Surroundings(
            subscription_id=SUBSCRIPTION, resource_group=group, location=LOCATION, references=done
        )
        given = tuple(
            GivenParameter(name=name, value=one.get("value")) for name, one in properties.get("parameters", {}).items()
        )
        source = Source(name=_FILE, content=json.dumps(properties["template"]).encode())
        found = expansion.expand(
            ExpandRequest(document=reading.read_source(source), surroundings=surroundings, parameters=given)
        )
        for problem in found.problems:
            words = problem.problems[0].what if isinstance(problem, Problems) else problem.what
            info = {"lineNumber": 1, "linePosition": 1, "path": ""}
            raise Refusal(
                400,
                "InvalidTemplate",
                f"Deployment template validation failed: '{words}'.",
                additionalInfo=[{"type": "TemplateViolation", "info": info}],
            )
        return found

    def _body(self, deployment: str, request: Request, *, state: str) -> Json:
        given = request.body["properties"].get("parameters", {})
        kinds = {str: "String", int: "Int", bool: "Bool", list: "Array", dict: "Object"}
        shown = {name: {"type": kinds[type(one["value"])], "value": one["value"]} for name, one in given.items()}
        properties: Json = {"mode": "Incremental", "provisioningState": state, "timestamp": _AT}
        properties |= {"parameters": _without_secrets(shown, request), "correlationId": str(uuid.uuid4())}
        body = {"id": deployment, "name": deployment.rsplit("/", 1)[-1], "type": DEPLOYMENT, "properties": properties}
        return {**body, **({"tags": request.body["tags"]} if "tags" in request.body else {})}

    def _shown(self, deployment: str) -> Json:
        run = self._need(deployment)
        properties = {**run.body["properties"], "provisioningState": run.state}
        if run.state in ("Failed", "Succeeded"):
            properties |= {"outputs": run.outputs, "outputResources": [{"id": one} for one in run.done]}
        if run.error:
            properties["error"] = run.error
        return {**run.body, "properties": properties}

    def _need(self, deployment: str) -> _Running:
        if self._store.find(deployment) is None or key_of(deployment) not in self._running:
            raise Refusal(404, "DeploymentNotFound", f"Deployment '{deployment}' could not be found.")
        return self._running[key_of(deployment)]


def _resources(found: Expansion) -> list[ExpandedResource]:
    return list(expansion.each_resource(found.root))


def _without_secrets(shown: Json, request: Request) -> Json:
    """Azure tells no value of a secure parameter."""
    declared = {name.lower(): one for name, one in request.body["properties"]["template"].get("parameters", {}).items()}
    kinds = {name: str(declared.get(name.lower(), {}).get("type", "")).lower() for name in shown}
    secret = {name for name, kind in kinds.items() if kind.startswith("secure")}
    return {name: {"type": "SecureString"} if name in secret else one for name, one in shown.items()}


def _delta(before: Any, after: Any, path: str = "") -> Iterator[Json]:
    """What is written otherwise than it is there; what the service fills in is not written."""
    for key, value in after.items():
        own = f"{path}.{key}" if path else key
        there = before.get(key) if isinstance(before, dict) else None
        if isinstance(value, dict) and isinstance(there, dict):
            yield from _delta(there, value, own)
        elif isinstance(value, list) and isinstance(there, list) and len(value) == len(there):
            for number, (old, new) in enumerate(zip(there, value, strict=True)):
                if isinstance(new, dict) and isinstance(old, dict):
                    yield from _delta(old, new, f"{own}.{number}")
                elif old != new:
                    yield {"path": f"{own}.{number}", "propertyChangeType": "Modify", "before": old, "after": new}
        elif there != value and not (key == "subnets" and there is None):
            kind = "Create" if there is None else "Modify"
            yield {"path": own, "propertyChangeType": kind, "before": there, "after": value}


def _type_and_name(resource: str) -> tuple[str, str]:
    space, *words = resource.rsplit("/providers/", 1)[-1].split("/")
    return "/".join([space, *words[0::2]]), "/".join(words[1::2])


def _json(value: Any) -> Any:
    """Plain JSON; what only a deployment knows is not known here, and a template that writes it is not for this."""
    match value:
        case DeployedValue(origin=origin):
            raise Refusal(400, "InvalidTemplate", f"The stand-in does not know {origin}.")
        case DeployedObject():
            raise Refusal(400, "InvalidTemplate", f"The stand-in does not know {value.origin}.")
        case dict():
            return {str(key): _json(one) for key, one in value.items() if one is not None}
        case list():
            return [_json(one) for one in value]
        case bool() | float() | None:
            return value
        case int():
            return int(value)
        case str():
            return str.__str__(value)
    raise AssertionError(value)
