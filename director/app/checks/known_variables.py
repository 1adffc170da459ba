"""A deployment's variables apart from the vault: those of its last manifest and those to regenerate.

Takes a Session, what is wanted and the state; gives names, and tells remarks.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cpi.contract.values import JsonValue
from director.app.checks import preflight
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.documents import Source
from director.model.environments.desired import Desired
from director.model.environments.state import DeploymentState
from director.model.tasks.plan import Plan
from director.plan import front as planning
from director.text import nearest
from director.text.yaml import reader


def declared_before(desired: Desired, state: DeploymentState) -> frozenset[str]:
    """Whole names of the variables in the manifest that was deployed last: an earlier version recorded no secrets."""
    if all(variable.name in state.secrets for variable in desired.variables):
        return frozenset()
    return frozenset(name if name.startswith("/") else f"{_prefix(desired)}{name}" for name in deployed_names(state))


def deployed_names(state: DeploymentState) -> frozenset[str]:
    """The names of the variables in the manifest that was deployed last, as they are written there."""
    if not state.manifest:
        return frozenset()
    tree = reader.read_document(Source(name="the last manifest", content=state.manifest.encode())).tree
    listed = tree.get("variables") if isinstance(tree, Mapping) else ()
    written = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list | tuple) else []
    return frozenset(str(each.get("name", "")) for each in written)


def check_regenerated(wanted: Iterable[Desired], names: Iterable[str]) -> None:
    """Raise InputError, code `unknown-variable`, for a name that no manifest declares."""
    variables = [(desired, variable.name) for desired in wanted for variable in desired.variables]
    known = {name.removeprefix(_prefix(desired)) for desired, name in variables}
    unknown = sorted(set(names) - known - {name for _, name in variables})
    if unknown:
        near = nearest.nearest_word(unknown[0], sorted(known))
        raise InputError(
            "unknown-variable",
            f"The manifest defines no variable '{unknown[0]}' to regenerate.",
            why=f"The manifest's variables are: {', '.join(sorted(known)) or 'none'}.",
            fix=f"Did you mean '{near}'?" if near else "Name one of them in --regenerate.",
        )


def report_outdated(session: Session, desired: Desired, *, state: DeploymentState, plan: Plan) -> None:
    """A remark for each option that changed since its secret was generated: the secret is kept as it is.

    What an earlier version generated has no record of its options: its value shows them.
    """
    unknown = [variable for variable in desired.variables if variable.name not in state.secrets]
    shown = {variable.name: session.world.vault.shown_options(variable) for variable in unknown}
    known = {**state.secrets, **{name: record for name, record in shown.items() if record}}
    for each in planning.outdated_options(desired, replace(state, secrets=known), plan):
        text = (
            f"The value of variable '{each.variable}' has {_option_text(each.option, each.before)}; the manifest has "
            f"{_option_text(each.option, each.wanted)}. It is kept; `--regenerate {each.variable}` replaces it."
        )
        preflight.report(session, kind="variable-outdated", subject=each.variable, text=text)


def _option_text(option: str, value: JsonValue) -> str:
    return f"no `{option}`" if value is None else f"`{option}: {json.dumps(value)}`"


def _prefix(desired: Desired) -> str:
    return f"/{desired.environment}/{desired.deployment}/"
