"""A new SSH key for the login of all VMs: accepted beside the old one, then used, then alone, without a recreated VM.

Takes a Session, gives the VMs that refuse the old key. The vault and the environment's record show how far an
interrupted command got: the new key waits in a secret of its own until each VM accepts it, and the record names the
secret that logs in, so that one write changes over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director.app.landing import logins
from director.app.sessions.session import Session
from director.app.tasks import running
from director.app.tasks.running import HeldEnvironment
from director.errors import ActionFailedError, raise_all
from director.model import retired_secrets
from director.model.agents.agent_address import AgentLogin, AgentTarget
from director.model.agents.agent_requests import FileRequest
from director.model.environments.desired import VariableSpec
from director.model.environments.environment import Environment
from director.model.secret_ref import SecretRef
from director.model.tasks.caller import Caller
from director.observe import queries

_TRIED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeyRotation:
    """The secrets that take part, by their names: the key, the next one until it is the key, and the one before."""

    session: Session
    held: HeldEnvironment
    key: str

    @property
    def following(self) -> str:
        return f"{self.key}_next"

    @property
    def former(self) -> str:
        return retired_secrets.retired_name(self.key)

    def has(self, name: str) -> bool:
        return bool(self.session.world.vault.secret_versions([name]))

    def is_used(self, name: str) -> bool:
        """Whether VMs are logged in to with this one."""
        return self.session.environment().ssh_key.name == name

    def use(self, name: str) -> None:
        """Log in with this one from now on, and give it to new VMs."""
        environment = self.session.environment()
        ssh = replace(environment.ssh, public_key=self.public_key(name))
        key = SecretRef(name=name, path=environment.ssh_key.path)
        self.session.world.store.save_environment(self.held.own.lease, replace(environment, ssh=ssh, ssh_key=key))

    def public_key(self, name: str) -> str:
        value: JsonValue = self.session.world.vault.get_secret(name)
        assert isinstance(value, Mapping), "a key has two halves"
        return str(value["public_key"]).strip()


def key_name(session: Session) -> str:
    """The whole name of the key's secret."""
    return f"/{session.settings.environment}/ssh_key"


def names_of_key(session: Session) -> frozenset[str]:
    """What a person may call it."""
    return frozenset({key_name(session), "ssh_key"})


def is_begun(session: Session) -> bool:
    """Whether an interrupted command left something to do."""
    name = key_name(session)
    left = [f"{name}_next", retired_secrets.retired_name(name)]
    return bool(session.world.vault.secret_versions(left))


def rotate_login_key(session: Session, environment: Environment, *, caller: Caller) -> Sequence[str]:
    """Rotate it, or continue; gives the instances whose VMs refuse the former key now.

    Nothing else changes the environment meanwhile. Raises LockedError; what reaching a VM raises, and then each VM
    accepts the key that is used; ActionFailedError: login-key-refused, old-value-accepted, old-value-not-tried.
    """
    _settle_deployments(session, environment, caller)
    with running.hold_environment(session, environment, caller=caller) as held:
        rotation = _KeyRotation(session=session, held=held, key=key_name(session))
        if rotation.is_used(rotation.key) and (rotation.has(rotation.following) or not rotation.has(rotation.former)):
            _add(rotation)
        if rotation.is_used(rotation.following):
            _change_over(rotation)
        session.world.vault.forget_secret(rotation.following)
        _authorize(rotation, [rotation.key])
        return _require_refused(rotation)


def _settle_deployments(session: Session, environment: Environment, caller: Caller) -> None:
    """Record each VM that an interrupted command created: it has the key of that time."""
    for state in session.world.store.list_deployments(session.settings.environment):
        if state.deployment is not ENVIRONMENT_ITSELF:
            with running.hold_deployment(session, environment, state.deployment, caller=caller):
                pass


def _add(rotation: _KeyRotation) -> None:
    """Have each VM accept the next key, and log in with it once each VM has shown that it does."""
    vault = rotation.session.world.vault
    vault.make_secret(VariableSpec(name=rotation.following, type="ssh"))
    if not vault.differing_from({rotation.following: rotation.key}):
        return  # it is the key by now, and only its copy was left
    vault.retire_secret(rotation.key)
    _authorize(rotation, [rotation.key, rotation.following])
    _require_accepted(rotation)
    rotation.use(rotation.following)


def _change_over(rotation: _KeyRotation) -> None:
    """Store the key that is used under its lasting name, and where people log in with it."""
    session = rotation.session
    logins.write_ssh_files(session, session.environment())
    session.world.vault.put_secret(rotation.key, session.world.vault.get_secret(rotation.following))
    rotation.use(rotation.key)


def _authorize(rotation: _KeyRotation, names: Sequence[str]) -> None:
    """Have the login of each VM accept these keys and no others; `ssh_keys` of the environment are in another file."""
    lines = "".join(f"{rotation.public_key(name)}\n" for name in names)
    user = rotation.session.environment().ssh.user
    # The login itself reads it: a guest that dies between writing it and giving it away must leave it readable.
    request = FileRequest(path=f"~{user}/.ssh/authorized_keys", content=lines.encode(), mode=0o644, owner=user)
    agent = rotation.session.world.agent
    functions = {name: partial(agent.put_file, target, request) for name, target in _targets(rotation).items()}
    queries.ask_all(rotation.session.world.runner, functions)


def _require_accepted(rotation: _KeyRotation) -> None:
    checks = rotation.session.world.login_checks
    targets = {name: _with_key(target, rotation.following) for name, target in _targets(rotation).items()}
    functions = {name: partial(checks.is_key_accepted, target) for name, target in targets.items()}
    accepted = queries.ask_all(rotation.session.world.runner, functions)
    raise_all(
        ActionFailedError(
            "login-key-refused",
            f"{name} refuses the new SSH key, which was added to the keys of its login.",
            why="Its SSH server reads other files than ~/.ssh/authorized_keys of the user who logs in.",
            fix="Correct its SSH server, then run the same `rotate` again. The old key is still used, and accepted.",
        )
        for name, is_accepted in accepted.items()
        if not is_accepted
    )


def _require_refused(rotation: _KeyRotation) -> Sequence[str]:
    """Try the former key on each VM, over a new connection; forget it where all refuse it."""
    session, vault = rotation.session, rotation.session.world.vault
    if not rotation.has(rotation.former):
        return ()
    targets = {name: _with_key(target, rotation.former) for name, target in _targets(rotation).items()}
    checks = session.world.login_checks
    functions = {name: partial(checks.is_key_accepted, target) for name, target in targets.items()}
    ended = queries.ask_within(session.world.runner, functions, limit_s=_TRIED_WITHIN_S) if functions else {}
    raise_all(
        _not_refused(name, rotation.key, query.error, is_known=bool(query.answers))
        for name, query in ended.items()
        if query.error or query.answers != (False,)
    )
    vault.forget_secret(rotation.former)
    return [target.name for target in targets.values()]


def _not_refused(name: str, key: str, error: ExplainedError | None, *, is_known: bool) -> ActionFailedError:
    again = "run the same `rotate` again: it tries again."
    if is_known and error is None:
        return ActionFailedError(
            "old-value-accepted",
            f"The former value of '{key}' is still accepted by {name}.",
            why="It is not in ~/.ssh/authorized_keys any more, so another file of its SSH server has it.",
            fix=f"Remove it there, then {again}",
        )
    return ActionFailedError(
        "old-value-not-tried",
        f"Whether {name} refuses the former value of '{key}' is not known.",
        why=error.what if error else "It gave no answer in time.",
        fix=f"Check {name} with `compleat instances`, then {again}",
    )


def _with_key(target: AgentTarget, name: str) -> AgentTarget:
    """The same VM with another key; the jumpbox before it keeps the key that is used."""
    return replace(
        target, login=AgentLogin(user=target.login.user, key=SecretRef(name=name, path=target.login.key.path))
    )


def _targets(rotation: _KeyRotation) -> Mapping[str, AgentTarget]:
    """All VMs of the environment, jumpboxes too."""
    session, environment = rotation.session, rotation.session.environment()
    states = session.world.store.list_deployments(session.settings.environment)
    found = {
        f"{record.name} of {state.deployment}": environment.target_of(record.vm, record.name)
        for state in states
        for record in state.instances
        if record.vm is not None
    }
    return {name: target for name, target in found.items() if target is not None}
