"""A plan as a saved document: data that the instances of a group share is stored once, under its digest.

Takes plans, gives JSON; takes JSON, gives plans. Without this, a group that consumes its own link would hold the whole
link once for each of its instances.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import JsonValue
from director.actions.apply import Apply
from director.edge.state import work_documents
from director.model import as_data
from director.model.environments.instance_spec import InstanceSpec
from director.model.erb import DnsNumbers
from director.model.tasks.plan import Action, Plan

_SHARED = "shared"


def encode(plan: Plan) -> JsonValue:
    """The document: {"plan", "shared"}, where each spec of an instance names its shared part by digest."""
    shared = _SharedParts()
    actions = [_encode_action(action, shared) for action in plan.actions]
    rest = as_data.encode(replace(plan, actions=()))
    assert isinstance(rest, Mapping)
    return {"plan": {**rest, "actions": actions}, _SHARED: shared.by_digest}


def decode(data: JsonValue) -> Plan:
    """The plan of a document, also of one that an earlier version saved. Raises ValueError where it does not fit."""
    if not isinstance(data, Mapping):
        raise ValueError("expected a plan")
    if _SHARED not in data:
        return _decode_plan(data, {})
    plan, shared = data.get("plan"), data[_SHARED]
    if not isinstance(plan, Mapping) or not isinstance(shared, Mapping):
        raise ValueError("expected a plan and what its instances share")
    parts = {digest: as_data.decode(InstanceSpec, {**_map(part), "spec": {}}) for digest, part in shared.items()}
    return _decode_plan(plan, parts)


def _decode_plan(plan: Mapping[str, JsonValue], parts: Mapping[str, InstanceSpec]) -> Plan:
    actions = plan.get("actions", ())
    if not isinstance(actions, list | tuple):
        raise ValueError("expected a list of actions")
    return as_data.decode(Plan, {**plan, "actions": [_decode_action(action, parts) for action in actions]})


class _SharedParts:
    """Jobs and links of instances' specs, each pair encoded once, by identity."""

    def __init__(self) -> None:
        self.by_digest: dict[str, JsonValue] = {}
        # What is kept beside each digest stays alive with it, so no other value can come to have the same id.
        self._digests: dict[tuple[int, int], tuple[InstanceSpec, str]] = {}

    def digest_of(self, spec: InstanceSpec) -> str:
        """The digest under which the spec's jobs and links stand."""
        key = (id(spec.jobs), id(spec.links))
        if key not in self._digests:
            part: JsonValue = {
                "jobs": as_data.encode(spec.jobs),
                "links": as_data.encode(spec.links),
                "dns": as_data.encode(spec.dns),
            }
            digest = hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()
            self.by_digest[digest] = part
            self._digests[key] = (spec, digest)
        return self._digests[key][1]


def _encode_action(action: Action, shared: _SharedParts) -> JsonValue:
    work = action.work
    if not isinstance(work, Apply):
        return as_data.encode(action)
    own = as_data.encode(
        replace(action, work=replace(work, spec=replace(work.spec, jobs=(), links={}, dns=DnsNumbers())))
    )
    assert isinstance(own, Mapping)
    spec: JsonValue = {"spec": as_data.encode(work.spec.spec), _SHARED: shared.digest_of(work.spec)}
    return {**own, "work": {**_map(own["work"]), "spec": spec}}


def _decode_action(data: JsonValue, parts: Mapping[str, InstanceSpec]) -> Action:
    work = _map(_map(data).get("work"))
    spec = work.get("spec")
    if not isinstance(spec, Mapping) or _SHARED not in spec:
        return work_documents.decode_action(_map(data))
    part = parts.get(str(spec[_SHARED]))
    if part is None:
        raise ValueError(f"no shared part {spec[_SHARED]}")
    whole: JsonValue = {"jobs": [], "spec": spec.get("spec")}
    action = work_documents.decode_action({**_map(data), "work": {**work, "spec": whole}})
    assert isinstance(action.work, Apply)
    joined = replace(action.work.spec, jobs=part.jobs, links=part.links, dns=part.dns)
    return replace(action, work=replace(action.work, spec=joined))


def _map(data: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(data, Mapping):
        raise ValueError(f"expected a mapping, found {type(data).__name__}")
    return data
