"""Secrets that have to be made first, those that were lost, and those made with other options than are wanted.

Takes variables and what the vault has, gives actions. Source: cloudfoundry/bosh config_server.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import assert_never

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.actions.make_secret import MakeSecret
from director.errors import InputError, raise_all
from director.model import secret_ref
from director.model.ca_transition import SecretChange
from director.model.environments.desired import Desired, Group, UpdateMode, VariableSpec
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Plan
from director.plan.action_factory import ActionFactory, Description
from director.plan.request import PlanRequest

GENERATING = "Generating variables"
_NO_CHANGES: Mapping[str, SecretChange] = MappingProxyType({})
_REASONS: Mapping[SecretChange, str] = {
    SecretChange.GENERATE: "regenerated",
    SecretChange.ADD_CA: "a new certificate is trusted beside the old one",
    SecretChange.SWITCH_CA: "the new certificate signs",
    SecretChange.DROP_CA: "the old certificate is removed",
    SecretChange.TAKE_CA: "its CA changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedOption:
    """An option of a variable that differs from what its secret was generated with; None where it is not set."""

    variable: str
    option: str
    before: JsonValue
    wanted: JsonValue


def versions_to_make(desired: Desired, observed: Observed, request: PlanRequest) -> Mapping[str, int]:
    """The version of each variable to generate: missing ones, those asked for or due, and what a new CA signs.

    A CA that was lost while nothing runs is such a new one, too.

    A lost secret that is in use is regenerated only on request: its value may be in data, too.
    Raises InputError, code `secret-lost`, all of them.
    """
    versions: dict[str, int] = {}
    renewed: set[object] = set()
    lost: list[InputError] = []
    for variable in desired.variables:
        last = _last_version(variable, observed, request)
        is_wanted = _is_asked(desired, variable, request) or _is_due(desired, variable, observed)
        if is_wanted or (variable.made_from in renewed and not _is_kept(variable, request)):
            renewed.add(variable.name)
            versions[variable.name] = last + 1
        elif variable.name not in observed.secret_versions:
            versions[variable.name] = last + 1
            if last and _is_in_use(observed):
                lost.append(_lost(desired, variable))
            elif last:
                renewed.add(variable.name)
    raise_all(lost)
    return versions


def make_secrets(
    variables: Sequence[VariableSpec],
    versions: Mapping[str, int],
    factory: ActionFactory,
    *,
    changes: Mapping[str, SecretChange] = _NO_CHANGES,
) -> tuple[Action, ...]:
    """An action for each variable with a version to make; a certificate waits for its CA.

    `changes` are those that are not generated, by whole names.
    """
    made: dict[str, list[ActionId]] = {}
    actions: list[Action] = []
    for variable in variables:
        if variable.name not in versions:
            continue
        version = versions[variable.name]
        change = changes.get(variable.name, SecretChange.GENERATE)
        words = "the previous value ends" if variable.previous_of else _REASONS[change]
        reason = "not there yet" if version == 1 else f"{words}, version {version}"
        about = Description(subject=f"variable {variable.name}", reason=reason, stage=GENERATING)
        work = MakeSecret(variable=variable, version=version, change=change)
        action = factory.new_action(work, about, after=tuple(made.get(variable.made_from, ())))
        for name in {variable.name, variable.name.split("/")[-1]}:
            made.setdefault(name, []).append(action.id)
        actions.append(action)
    return tuple(actions)


def outdated_options(desired: Desired, state: DeploymentState, plan: Plan) -> tuple[OutdatedOption, ...]:
    """What differs between the options wanted and those that kept secrets were generated with, where that is known.

    A variable that is `previous_of` another one has no options of its own: its value was generated with those of that.
    """
    made = {action.work.variable.name for action in plan.actions if isinstance(action.work, MakeSecret)}
    own = [variable for variable in desired.variables if not variable.previous_of]
    kept = [variable for variable in own if variable.name in state.secrets and variable.name not in made]
    return tuple(
        OutdatedOption(variable=short_name(desired, variable), option=option, before=before, wanted=wanted)
        for variable in kept
        for option, before, wanted in _differences(variable, state)
        if before != wanted
    )


def short_name(desired: Desired, variable: VariableSpec) -> str:
    """The name as the manifest has it."""
    return variable.name.removeprefix(f"/{desired.environment}/{desired.deployment}/")


def _differences(variable: VariableSpec, state: DeploymentState) -> list[tuple[str, JsonValue, JsonValue]]:
    record = state.secrets[variable.name]
    names = sorted({*record.options, *variable.options})
    options = [(name, record.options.get(name), variable.options.get(name)) for name in names]
    return [("type", record.type, variable.type), *options]


def _last_version(variable: VariableSpec, observed: Observed, request: PlanRequest) -> int:
    """The highest that anyone knows of; 0 for one that was never made."""
    recorded = observed.state.secrets.get(variable.name)
    known = recorded.version if recorded else int(variable.name in request.declared)
    return max(observed.secret_versions.get(variable.name, 0), known)


def _is_asked(desired: Desired, variable: VariableSpec, request: PlanRequest) -> bool:
    asked = request.regenerate | request.secret_changes.keys()
    return not asked.isdisjoint({variable.name, short_name(desired, variable)})


def _is_kept(variable: VariableSpec, request: PlanRequest) -> bool:
    """A rotation leaves the previous value, which is accepted beside the new one, until everything has the new one."""
    return bool(variable.previous_of) and variable.previous_of in request.secret_changes


def _is_due(desired: Desired, variable: VariableSpec, observed: Observed) -> bool:
    """Whether its update mode generates it again. Without recorded options none of them differs."""
    if variable.name not in observed.secret_versions:
        return False
    if variable.is_kept_on_stemcell and not _all_stemcells_change(desired, observed):
        return False
    match variable.update_mode:
        case UpdateMode.NO_OVERWRITE:
            return False
        case UpdateMode.OVERWRITE:
            return True
        case UpdateMode.CONVERGE:
            is_recorded = variable.name in observed.state.secrets
            return is_recorded and any(was != now for _, was, now in _differences(variable, observed.state))
    assert_never(variable.update_mode)


def _all_stemcells_change(desired: Desired, observed: Observed) -> bool:
    running = {record.vm.stemcell_cid for record in observed.state.instances if record.vm}
    return bool(running) and running.isdisjoint({group.stemcell.cid for group in desired.groups})


def _is_in_use(observed: Observed) -> bool:
    return any(record.vm or record.disks for record in (*observed.state.instances, *observed.adopted))


def _lost(desired: Desired, variable: VariableSpec) -> InputError:
    users = ", ".join(f"'{group.name}'" for group in desired.groups if _uses(group, variable.name))
    short = short_name(desired, variable)
    return InputError(
        "secret-lost",
        f"The secret '{variable.name}' is lost: it was generated, but its file is missing from the vault.",
        why=f"Instance group {users} runs with its value, which data on disks may contain too."
        if users
        else "A new value would differ from the value in use.",
        fix="Put the vault's folder back from a backup; or regenerate it with "
        f"`--regenerate {short}`, which updates all instances that use it.",
        where=variable.where,
    )


def _uses(group: Group, name: str) -> bool:
    return any(name in secret_ref.secret_names(job.properties) for job in group.jobs)
