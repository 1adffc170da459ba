"""The use case `rotate`: new values for secrets, deployed wherever they are used.

Takes a Session and a request, gives what was rotated. Each step is an ordinary deploy of the saved manifests, so what
was interrupted is continued by the same command: the vault shows in which phase each CA is, the journal what the
interrupted tasks have made.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF
from director.actions.make_secret import MakeSecret
from director.app.checks import preflight, rotation_names
from director.app.checks.rotation_names import RotationChoice, RotationScope
from director.app.sessions import fingerprints, reading
from director.app.sessions.session import Session
from director.app.use_cases import deploy as deploying
from director.app.use_cases import login_key_rotation, old_secrets
from director.app.use_cases.deploy import Confirm, DeployRequest
from director.errors import raise_all
from director.model import secret_ref
from director.model.environments.desired import Desired
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.report import Table
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Run
from director.model.tasks.plan import Plan
from director.model.tasks.task import Task, TaskState
from director.plan.deciding import ignored, secret_rotation
from director.plan.deciding.secret_rotation import STEPS, Changes, SecretRotation
from director.report import rotation_rows
from director.report.rotation_rows import RotatedSecret

_TASKS_AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateRequest:
    """`deployment` is the one whose secrets may be chosen, None for those of all."""

    choice: RotationChoice
    caller: Caller
    deployment: str | None = None


Announce = Callable[[Sequence[str]], None]
"""Shows lines before anything is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rotating:
    """A rotation under way: what is deployed, and what of it changes."""

    session: Session
    request: RotateRequest
    deployed: tuple[Desired, ...]
    rotation: SecretRotation
    confirm: Confirm

    def now(self) -> SecretRotation:
        """The rotation with what the vault shows now."""
        vault, variables = self.session.world.vault, self.rotation.variables
        kept = vault.differing_from(secret_rotation.previous_names(variables))
        return replace(self.rotation, facts=vault.describe_certificates(variables), kept=kept)


def rotate(session: Session, request: RotateRequest, confirm: Confirm, *, announce: Announce) -> Table:
    """Rotate the variables that are chosen, then the SSH key of all VMs if it is.

    Raises what `rotate_variables` and `rotate_login_key` raise.
    """
    choice = request.choice
    others = tuple(each for each in choice.names if each not in login_key_rotation.names_of_key(session))
    rotated: list[RotatedSecret] = []
    if others or not choice.names:
        variables = replace(request, choice=replace(choice, names=others))
        rotated.extend(_rotate_variables(session, variables, confirm, announce=announce))
    if _chooses_login_key(session, request):
        rotated.append(_rotate_login_key(session, request.caller, announce))
    return rotation_rows.rotated_table(rotated)


def _chooses_login_key(session: Session, request: RotateRequest) -> bool:
    """It is of no deployment and never expires; what was begun is finished."""
    choice = request.choice
    if choice.names:
        return not login_key_rotation.names_of_key(session).isdisjoint(choice.names)
    return request.deployment is None and (choice.is_all or login_key_rotation.is_begun(session))


def _rotate_login_key(session: Session, caller: Caller, announce: Announce) -> RotatedSecret:
    environment = fingerprints.known_environment(session)
    name = login_key_rotation.key_name(session)
    announce(rotation_rows.login_key_lines(name, is_continued=login_key_rotation.is_begun(session)))
    refused_by = login_key_rotation.rotate_login_key(session, environment, caller=caller)
    announce(rotation_rows.old_value_lines({name: [f"{len(refused_by)} VM{'' if len(refused_by) == 1 else 's'}"]}))
    versions = session.world.vault.secret_versions([name])
    return RotatedSecret(name=name, type="ssh", version=versions.get(name), refused_by=refused_by)


def _rotate_variables(
    session: Session, request: RotateRequest, confirm: Confirm, *, announce: Announce
) -> Sequence[RotatedSecret]:
    """Rotate what is chosen, and deploy each deployment that uses it; the first plan of each is confirmed.

    Then each former value is tried, and must be refused. Raises what `chosen_names` and `deploy` raise; InputError,
    code `instance-ignored`; ActionFailedError: old-value-accepted, old-value-not-tried.
    """
    environment = fingerprints.known_environment(session)
    if request.deployment is not None:
        deploying.saved_manifest(session, request.deployment)
    states = _states_with_secrets(session)
    files = {state.deployment: deploying.saved_manifest(session, str(state.deployment)) for state in states}
    deployed = tuple(reading.read_desired(session, environment, each) for each in files.values())
    rotation = _chosen(session, request, deployed)
    rotating = _Rotating(
        session=session, request=request, deployed=deployed, rotation=rotation, confirm=_once_each(confirm)
    )
    _require_all_instances(states, rotating)
    if rotation.chosen:
        announce(_lines(rotating))
        old_secrets.retire(session, sorted(rotation.replaced() - rotation.begun_names()))
        _carry_out(rotating)
        refused_by = _require_refused(rotating, announce)
        return _rotated(rotating, refused_by)
    return ()


def _require_refused(rotating: _Rotating, announce: Announce) -> Mapping[str, Sequence[str]]:
    """Try what was replaced; gives the instances that refuse it.

    Raises ActionFailedError: old-value-accepted, old-value-not-tried; all of them.
    """
    rotation = rotating.rotation
    variables = {name: rotation.variables[name] for name in rotation.replaced()}
    found = old_secrets.try_old_values(rotating.session, rotating.deployed, variables)
    refused_by = {each.secret: each.refused_by for each in found if not each.problems}
    announce(rotation_rows.old_value_lines(refused_by))
    raise_all(problem for each in found for problem in each.problems)
    return refused_by


def _lines(rotating: _Rotating) -> tuple[str, ...]:
    rotation = rotating.rotation
    cas = [name for name, each in rotation.variables.items() if secret_rotation.is_ca(each)]
    kinds = {name: "CA, in 3 steps" if name in cas else each for name, each in _types(rotation).items()}
    return rotation_rows.rotation_lines(kinds, _uses(rotating), is_continued=rotation.is_begun())


def _rotated(rotating: _Rotating, refused_by: Mapping[str, Sequence[str]]) -> Sequence[RotatedSecret]:
    rotation, uses = rotating.now(), _uses(rotating)
    versions = rotating.session.world.vault.secret_versions(rotation.chosen)
    return [
        RotatedSecret(
            name=name,
            type=type_,
            version=versions.get(name),
            ends_at=rotation.facts[name].ends_at if name in rotation.facts else None,
            deployments=uses[name],
            refused_by=refused_by.get(name, ()),
        )
        for name, type_ in _types(rotation).items()
    ]


def _types(rotation: SecretRotation) -> Mapping[str, str]:
    return {name: rotation.variables[name].type for name in sorted(rotation.chosen)}


def _carry_out(rotating: _Rotating) -> None:
    """What an interrupted command left first; then step by step, each deployed everywhere before the next."""
    if rotating.rotation.is_begun():
        _deploy(rotating, rotating.now().outdated(), also=rotating.rotation.touched())
    for step in STEPS:
        _deploy(rotating, rotating.now().changes_of(step))


def _deploy(rotating: _Rotating, changes: Changes, *, also: frozenset[str] = frozenset()) -> None:
    """Deploy all that use what changes, each after those whose secrets it uses.

    Deployments that use each other's secrets are deployed again, where one changed after their turn.
    """
    left, seen = dict(changes), dict[DeploymentName, frozenset[str]]()
    used = {each.deployment: _used_secrets(each) & (changes.keys() | also) for each in rotating.deployed}
    involved = [each for each in rotating.deployed if used[each.deployment]]
    for desired in sorted(involved, key=lambda each: _turn(each, changes, used[each.deployment])):
        own = {each.name: left.pop(each.name) for each in desired.variables if each.name in left}
        _deploy_saved(rotating, desired.deployment, own)
        seen[desired.deployment] = frozenset(left)
    for name, later in seen.items():
        if used[name] & later:
            _deploy_saved(rotating, name, {})


def _deploy_saved(rotating: _Rotating, name: DeploymentName, changes: Changes) -> None:
    request = DeployRequest(
        files=deploying.saved_manifest(rotating.session, name),
        caller=rotating.request.caller,
        secret_changes=changes,
    )
    deploying.deploy(rotating.session, request, rotating.confirm)


def _turn(desired: Desired, changes: Changes, used: frozenset[str]) -> tuple[bool, int]:
    """First whose CAs change, as certificates of others are signed by them; then who uses the fewest of others."""
    return not _has_ca(desired, changes), len(used - {each.name for each in desired.variables})


def _has_ca(desired: Desired, changes: Changes) -> bool:
    return any(each.name in changes and secret_rotation.is_ca(each) for each in desired.variables)


def _chosen(session: Session, request: RotateRequest, deployed: Sequence[Desired]) -> SecretRotation:
    everywhere = rotation_names.variables_of(deployed)
    named = [each for each in deployed if request.deployment in (None, each.deployment)]
    vault = session.world.vault
    scope = RotationScope(
        variables=rotation_names.variables_of(named),
        everywhere=everywhere,
        stored=vault.list_secrets(f"/{session.settings.environment}/"),
        facts=vault.describe_certificates(everywhere),
    )
    now = session.world.clock.now()
    chosen = rotation_names.chosen_names(request.choice, scope, now=now)
    for name in rotation_names.left_out(request.choice, scope, now=now):
        text = f"The CA '{name}' is part of a chain of CAs; it is not rotated."
        preflight.report(session, kind="rotation-of-chain", subject=name, text=text)
    pairs = secret_rotation.previous_names(everywhere)
    made = (_made_before(session, request.caller.command) & everywhere.keys()) - pairs.keys()
    made |= old_secrets.untried_names(session) & chosen
    kept = vault.differing_from(pairs)
    return SecretRotation(variables=everywhere, chosen=chosen | made, made=made, facts=scope.facts, kept=kept)


def _once_each(confirm: Confirm) -> Confirm:
    """Confirm the first plan of each deployment: the next ones only continue it."""
    seen: set[object] = set()

    def first(plan: Plan) -> None:
        if plan.deployment not in seen:
            confirm(plan)
        if not plan.is_empty:
            seen.add(plan.deployment)

    return first


def _states_with_secrets(session: Session) -> tuple[DeploymentState, ...]:
    """The deployments that may have or use a secret, their own or one of a link."""
    states = session.world.store.list_deployments(session.settings.environment)
    return tuple(
        state
        for state in states
        if state.deployment is not ENVIRONMENT_ITSELF
        and state.manifest
        and ("((" in state.manifest or state.secrets or state.links.consumed)
    )


def _used_secrets(desired: Desired) -> frozenset[str]:
    """What it generates, and what its jobs and VMs get."""
    of_vms = {name for group in desired.groups for name in secret_ref.secret_names(group.env)}
    return frozenset(of_vms.union(desired.secret_names()))


def _uses(rotating: _Rotating) -> Mapping[str, Sequence[str]]:
    """The deployments that are deployed, by the secrets that are chosen."""
    rotation = rotating.rotation
    return {
        name: [
            str(desired.deployment)
            for desired in rotating.deployed
            if _used_secrets(desired) & {name, *(each.name for each in rotation.signed_by(name))}
        ]
        for name in sorted(rotation.chosen)
    }


def _require_all_instances(states: Sequence[DeploymentState], rotating: _Rotating) -> None:
    used = {name for names in _uses(rotating).values() for name in names}
    ignored.require_updated(state for state in states if state.deployment in used)


def _made_before(session: Session, command: str) -> frozenset[str]:
    """What unfinished tasks of the same command have made, unless another task has deployed it since."""
    tasks = tuple(_unfinished_tasks(session, command))
    numbers = {task.number for task in tasks}
    runs = (run for task in tasks for run in session.world.journal.runs_of_task(task.number))
    return frozenset(
        name for run in runs if not _is_deployed_since(session, run, numbers) for name in _made_by(session, run)
    )


def _made_by(session: Session, run: Run) -> Iterator[str]:
    whole = session.world.journal.load_run(session.settings.environment, run.number) or run
    made = {each.work.variable.name: each.work for each in whole.plan.actions if isinstance(each.work, MakeSecret)}
    versions = session.world.vault.secret_versions(made)
    yield from (name for name, work in made.items() if versions.get(name, 0) >= work.version)


def _unfinished_tasks(session: Session, command: str) -> Iterator[Task]:
    """The newest of the same command, until one that ended well."""
    for task in session.world.tasks.list_tasks(session.settings.environment, limit=_TASKS_AT_MOST):
        if task.number == session.task or task.caller.command != command:
            continue
        if task.state is TaskState.DONE:
            return
        yield task


def _is_deployed_since(session: Session, run: Run, rotating: Container[int]) -> bool:
    runs = session.world.journal.list_runs(session.settings.environment, deployment=run.deployment)
    return any(each.number > run.number and each.task not in rotating and each.state is TaskState.DONE for each in runs)
