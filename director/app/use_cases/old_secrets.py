"""Values that a rotation replaced: each is tried where it was accepted, and forgotten once it is refused.

Takes a Session and what is deployed, gives what became of each value. The jobs try: a job that accepts secrets has the
script `bin/check-old-secret`, which gets former values by its environment.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions.session import Session
from director.errors import ActionFailedError
from director.model import retired_secrets
from director.model.environments.desired import Desired, Job, VariableSpec
from director.model.environments.state import DesiredPower, InstanceRecord
from director.model.secret_ref import Property, SecretRef
from director.observe import queries
from director.observe.queries import Query
from director.plan.deciding import secret_rotation
from director.ports.remote_access import ScriptEnd

SCRIPT = "bin/check-old-secret"
"""It ends with 0 where each value is refused, 1 where one is accepted, another code where it cannot tell."""

_WITHIN_S = 60.0
_ON_VM_S = 30
_REFUSED, _ACCEPTED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OldValue:
    """What became of the former value of `secret`: the instances that refuse it, and what is wrong.

    Neither: no job tries it.
    """

    secret: str
    refused_by: tuple[str, ...] = ()
    problems: tuple[ActionFailedError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _OldValueTrial:
    """A former value and the instance whose job is to refuse it; `exports` are shell variables with values."""

    secret: str
    deployment: str
    record: InstanceRecord
    job: str
    exports: Mapping[str, str]


def retire(session: Session, names: Iterable[str]) -> None:
    """Keep the values of these secrets, which are about to change."""
    for name in names:
        session.world.vault.retire_secret(name)


def untried_names(session: Session) -> frozenset[str]:
    """The secrets that a rotation has changed and whose former values were not proved to be refused."""
    vault = session.world.vault
    retired = vault.retired_secrets(f"/{session.settings.environment}/")
    changed = vault.differing_from({retired_secrets.retired_name(name): name for name in retired})
    return frozenset(map(retired_secrets.name_of, changed))


def try_old_values(
    session: Session, deployed: Sequence[Desired], variables: Mapping[str, VariableSpec]
) -> tuple[OldValue, ...]:
    """Try the retired values of these variables, all at once, within a minute; forget those that nothing accepts.

    The problems have the codes `old-value-accepted` and `old-value-not-tried`; such a value is kept for the next try.
    """
    vault = session.world.vault
    retired = [each for each in vault.retired_secrets(f"/{session.settings.environment}/") if each in variables]
    trials = [trial for desired in deployed for name in retired for trial in _trials(session, desired, variables[name])]
    functions = {str(at): partial(_run, session, trial) for at, trial in enumerate(trials)}
    ended = queries.ask_within(session.world.runner, functions, limit_s=_WITHIN_S) if functions else {}
    results = [(trial, ended[str(at)]) for at, trial in enumerate(trials)]
    names = dict.fromkeys([*retired, *(trial.secret for trial in trials)])
    found = tuple(_outcome(name, [each for each in results if each[0].secret == name]) for name in names)
    if not any(each.problems for each in found):
        for name in retired:
            vault.forget_secret(retired_secrets.retired_name(name))
    return found


def _trials(session: Session, desired: Desired, variable: VariableSpec) -> Iterator[_OldValueTrial]:
    """Of each running instance whose job has properties of the secret. A CA is tried where what it signed is."""
    records = session.deployment(str(desired.deployment)).instances
    running = [each for each in records if each.vm is not None and each.wanted is DesiredPower.STARTED]
    jobs = [(group.name, job) for group in desired.groups for job in group.jobs]
    for group, job in jobs:
        for secret, exports in _exports(session, job, variable).items():
            for record in (each for each in running if each.group == group):
                yield _OldValueTrial(
                    secret=secret,
                    deployment=str(desired.deployment),
                    record=record,
                    job=job.name,
                    exports=exports,
                )


def _exports(session: Session, job: Job, variable: VariableSpec) -> Mapping[str, Mapping[str, str]]:
    """The former values that the job knew, by secret: those that are other ones now. None without the script."""
    if SCRIPT not in {template.destination for template in job.source.templates}:
        return {}
    vault = session.world.vault
    old, new = vault.get_secret(retired_secrets.retired_name(variable.name)), vault.get_secret(variable.name)
    found: dict[str, dict[str, str]] = {}
    for path, ref in _whole_secrets(job.properties):
        value = _field(old, ref)
        if ref.name == variable.name and value and value != _field(new, ref) and ref.path != ("private_key",):
            shell_name = "_".join(("OLD", *path)).upper().replace("-", "_")
            found.setdefault(_secret_of(variable, ref), {})[shell_name] = value
    return found


def _whole_secrets(value: Property, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], SecretRef]]:
    """The properties that are a secret, by their paths; not those that are texts around one."""
    if isinstance(value, SecretRef):
        yield path, value
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _whole_secrets(member, (*path, key))


def _secret_of(variable: VariableSpec, ref: SecretRef) -> str:
    return secret_rotation.signer_of(variable) or variable.name if ref.path == ("ca",) else variable.name


def _field(value: JsonValue, ref: SecretRef) -> str:
    for key in ref.path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _run(session: Session, trial: _OldValueTrial) -> ScriptEnd:
    """Run the job's script as root. The values go by standard input: no list of processes has them."""
    target = session.environment().target_of(trial.record.vm, trial.record.name) if trial.record.vm else None
    if target is None:
        return ScriptEnd(exit_code=-1, output="It has no address.")
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in trial.exports.items())
    script = f"{exports}exec timeout {_ON_VM_S} /var/vcap/jobs/{trial.job}/{SCRIPT} </dev/null\n"
    run = "sh -c 'eval \"$(cat)\"'"
    as_root = f'if [ "$(id -u)" = 0 ]; then {run}; else sudo -n {run}; fi'
    return session.world.remote_access.run_script(target, f"printf %s {shlex.quote(script)} | {{ {as_root}; }}\n")


def _outcome(secret: str, results: Sequence[tuple[_OldValueTrial, Query[ScriptEnd]]]) -> OldValue:
    problems = [problem for trial, query in results if (problem := _problem(trial, query))]
    refused = [f"{trial.record.name}" for trial, query in results if not _problem(trial, query)]
    return OldValue(secret=secret, refused_by=tuple(dict.fromkeys(refused)), problems=tuple(problems))


def _problem(trial: _OldValueTrial, query: Query[ScriptEnd]) -> ActionFailedError | None:
    ended = query.answers[-1] if query.answers and not query.error else None
    if ended is not None and ended.exit_code == _REFUSED:
        return None
    name, where = trial.record.name, f"job '{trial.job}' on {trial.record.name} of {trial.deployment}"
    if ended is not None and ended.exit_code == _ACCEPTED:
        return ActionFailedError(
            "old-value-accepted",
            f"The former value of '{trial.secret}' is still accepted by {where}.",
            why=_last_line(ended) or "It has not read its new configuration.",
            fix=f"`compleat restart -d {trial.deployment} {name}`, then run the same `rotate` again: it tries again.",
        )
    return ActionFailedError(
        "old-value-not-tried",
        f"Whether {where} refuses the former value of '{trial.secret}' is not known.",
        why=(query.error.what if query.error else "")
        or (_last_line(ended) if ended else "")
        or "It gave no answer in time.",
        fix=f"Check {name} with `compleat instances`, then run the same `rotate` again: it tries again.",
    )


def _last_line(ended: ScriptEnd) -> str:
    lines = ended.output.strip().splitlines()
    return lines[-1][:300] if lines else ""
