"""The use cases `set-var`, `import-vars` and `delete-var`: values of a deployment's variables that a person gives.

Takes a Session and values, changes the vault and the deployment's records under its lease. The next deploy updates the
instances that use them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.checks import known_variables, preflight
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.app.tasks import running
from director.errors import InputError, raise_all
from director.model.documents import Source
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.tasks.caller import Caller
from director.text import nearest
from director.text.variables import variables as variable_texts
from director.text.yaml import writer

_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenVariables:
    """Values by the variables' names of one deployment, and who gives them."""

    deployment: str
    values: Mapping[str, JsonValue]
    caller: Caller


def read_store(source: Source) -> Mapping[str, JsonValue]:
    """The values of a variables store (YAML, `bosh --vars-store`). Raises InputError."""
    return cast("Mapping[str, JsonValue]", variable_texts.read_vars_file(source))


def write_store(values: Mapping[str, JsonValue]) -> str:
    """A variables store, as YAML."""
    return writer.write_yaml(dict(values))


def set_variables(session: Session, given: GivenVariables) -> tuple[str, ...]:
    """Set all of them, or none; gives the names of those whose value changed, sorted.

    Raises Problems: variable-name-invalid, variable-value-invalid, variable-shape-differs.
    """
    environment = fingerprints.known_environment(session)
    vault, deployment = session.world.vault, given.deployment
    prefix = f"/{environment.name}/{deployment}/"
    with running.hold_deployment(session, environment, DeploymentName(deployment), caller=given.caller):
        there = set(vault.list_secrets(prefix))
        before = {name: vault.get_secret(prefix + name) for name in given.values if prefix + name in there}
        raise_all([*_problems(given.values, before)])
        changed = sorted(name for name, value in given.values.items() if name not in before or before[name] != value)
        for name in changed:
            vault.put_secret(prefix + name, given.values[name])
    if session.world.store.load_deployment(environment.name, DeploymentName(deployment)) is None:
        text = f"Deployment '{deployment}' was never deployed; its first deploy uses the values."
        preflight.report(session, kind="deployment-not-deployed", subject=deployment, text=text)
    return tuple(changed)


def delete_variable(
    session: Session, deployment: str, name: str, *, caller: Caller, confirm: Callable[[Sequence[str]], None]
) -> None:
    """Delete the value. One that instances run with, or that their data may contain, is not deleted.

    Raises InputError: deployment-missing, secret-unknown, variable-in-use.
    """
    environment = fingerprints.known_environment(session)
    vault = session.world.vault
    prefix = f"/{environment.name}/{deployment}/"
    if not vault.list_secrets(prefix):  # values may be given before the first deploy
        session.deployment(deployment)
    with running.hold_deployment(session, environment, DeploymentName(deployment), caller=caller) as held:
        known = [each.removeprefix(prefix) for each in vault.list_secrets(prefix)]
        if name not in known:
            raise _unknown(name, known, deployment)
        _require_unused(held.state, name)
        confirm([f"Variable '{name}' of deployment '{deployment}' will be deleted; its value is lost."])
        secrets = {each: record for each, record in held.state.secrets.items() if each != prefix + name}
        if secrets != held.state.secrets:
            session.world.store.save_deployment(held.lease, replace(held.state, secrets=secrets))
        vault.forget_secret(prefix + name)


def _require_unused(state: DeploymentState, name: str) -> None:
    is_running = any(record.vm or record.disks for record in state.instances)
    if is_running and name in known_variables.deployed_names(state):
        raise InputError(
            "variable-in-use",
            f"Variable '{name}' of deployment '{state.deployment}' is in use.",
            why="The deployed manifest declares it, and instances or disks exist that may contain its value.",
            fix=f"`compleat deploy MANIFEST --regenerate {name}` replaces the value and updates the instances; "
            f"`compleat set-var {name}` sets one of yours.",
        )


def _problems(values: Mapping[str, JsonValue], before: Mapping[str, JsonValue]) -> Iterator[ExplainedError]:
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            yield InputError(
                "variable-name-invalid",
                f"Variable '{name[:60]}' cannot be set.",
                why="The name of a deployment's variable has letters, digits, '-' and '_', at most 200.",
                fix="Leave out the part before the last '/'.",
            )
        elif not _is_value(value):
            yield InputError(
                "variable-value-invalid",
                f"The value of variable '{name}' is not a value of a secret.",
                why="A value is a text, a number, true or false, or a map of these, and not empty.",
                fix="Correct the value.",
            )
        elif name in before and _shape(before[name]) != _shape(value):
            yield InputError(
                "variable-shape-differs",
                f"Variable '{name}' has another shape than the value given.",
                why=f"Its value is {_shape(before[name])}; given was {_shape(value)}.",
                fix="Give a value of the same shape, or delete the variable first with `compleat delete-var`.",
            )


def _is_value(value: JsonValue) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(isinstance(each, str | int | float | bool) for each in value.values())
    return isinstance(value, str | int | float | bool) and value != ""


def _shape(value: JsonValue) -> str:
    """Of a secret's value, without the value."""
    return f"a map of {', '.join(sorted(value))}" if isinstance(value, Mapping) else "a single value"


def _unknown(name: str, known: Sequence[str], deployment: str) -> InputError:
    near = nearest.nearest_word(name, known)
    return InputError(
        "secret-unknown",
        f"Deployment '{deployment}' has no variable '{name}'.",
        why=f"It has: {', '.join(known) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else f"`compleat variables -d {deployment}` lists them.",
    )
