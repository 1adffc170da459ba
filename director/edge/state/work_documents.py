"""Works and results in saved documents: the kind tells their type.

Takes JSON, gives values; also of documents that an earlier version saved.
"""

from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.actions import kinds
from director.actions.await_agent import AwaitAgentResult
from director.model import as_data
from director.model.ids import ActionId, kind_of
from director.model.tasks.entries import Accepted, Begun, Done, Entry, Failed
from director.model.tasks.plan import Action
from director.model.tasks.work import Result, Work

_FORMER_NAMES: Mapping[type[Result], Mapping[str, str]] = {AwaitAgentResult: {"host_key": "identity"}}

_ENTRIES: Mapping[str, type[Begun] | type[Accepted] | type[Failed]] = {
    "begun": Begun,
    "accepted": Accepted,
    "failed": Failed,
}


def decode_action(data: Mapping[str, JsonValue]) -> Action:
    """The action. Raises ValueError where it does not fit."""
    return as_data.decode(Action, {**data, "work": _decode_work(data.get("work"))})


def decode_entry(type_: str, data: Mapping[str, JsonValue]) -> Entry:
    """The journal's entry. Raises ValueError where it does not fit."""
    if type_ == "done":
        return _decode_done(data)
    if type_ not in _ENTRIES:
        raise as_data.UnknownPartError(f"the journal has no entry {type_!r}")
    return as_data.decode(_ENTRIES[type_], data)


def _decode_work(data: JsonValue) -> Work:
    if not isinstance(data, Mapping):
        raise ValueError(f"expected a work, found {type(data).__name__}")
    return as_data.decode(_kind(data.get("kind")), data)


def _decode_done(data: Mapping[str, JsonValue]) -> Done:
    if "outcome" in data:
        return _decode_outcome(data)
    kind, result = _kind(data.get("kind")), data.get("result")
    current = _renamed(kind.result, result) if isinstance(result, Mapping) else result
    return as_data.decode(Done, {**data, "result": as_data.decode(kind.result, current)})


def _decode_outcome(data: Mapping[str, JsonValue]) -> Done:
    """Before results had types, an entry held facts by name, and the kind stood in the action's id alone."""
    outcome = data["outcome"]
    facts = outcome.get("facts") if isinstance(outcome, Mapping) else None
    name = kind_of(ActionId(str(data.get("action"))))
    if not isinstance(facts, Mapping):
        raise ValueError("expected an outcome with facts")
    rest = {key: value for key, value in data.items() if key != "outcome"}
    return as_data.decode(Done, {**rest, "kind": name, "result": _result_of(_kind(name).result, facts)})


def _result_of(result: type[Result], facts: Mapping[str, JsonValue]) -> Result:
    current = _renamed(result, facts)
    fields = {name: current[name] for name in result.__dataclass_fields__ if name in current}
    return as_data.decode(result, fields)


def _renamed(result: type[Result], fields: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The fields by the names that they have now."""
    names = _FORMER_NAMES.get(result, {})
    return {names.get(name, name): value for name, value in fields.items()}


def _kind(name: JsonValue) -> type[Work]:
    if not isinstance(name, str):
        raise ValueError(f"expected a kind of action, found {type(name).__name__}")
    if name not in kinds.BY_NAME:
        raise as_data.UnknownPartError(f"there is no action {name!r}")
    return kinds.BY_NAME[name]
