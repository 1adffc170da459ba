"""What a person logs in with: SSH files, the credentials file on the jumpbox, and the report, each line tried.

Takes a Session and an environment, gives trials.
"""

import shlex
from collections.abc import Iterator, Mapping

from cpi.contract.errors import ExplainedError
from cpi.contract.values import Endpoint, JsonValue
from director.actions.put_file import PutFile
from director.app import jumpboxes, landing, running
from director.app.session import Session, new_run_id
from director.errors import StateError
from director.model import cloud_names
from director.model.agent_address import AgentTarget
from director.model.caller import Caller
from director.model.environment import JUMPBOX, SSH_PORT, Environment, Jumpbox
from director.model.ids import ActionId, DeploymentName
from director.model.plan import Action, Plan
from director.model.report import Trial
from director.model.secret_ref import SecretRef, SecretText
from director.model.state import DeploymentState, InstanceRecord
from director.model.written.bundle import Bundle, ReportedEndpoint
from director.ports.trials import LoginTrial
from director.report import ssh_config

CREDENTIALS = "manifests/platform.yml"
"""Where the credentials lie on the jumpbox, from the login's home."""


def write_ssh_files(session: Session, environment: Environment) -> None:
    """Key, known hosts and a configuration, so that `ssh -F <file> jumpbox` works with any OpenSSH."""
    ways = environment.jumpboxes
    if not ways:
        return
    key = session.world.vault.get_secret(environment.ssh_key.name)
    assert isinstance(key, Mapping)
    session.files.write_private(session.path("ssh_key"), str(key["private_key"]))
    known = "".join(f"{_known_name(each.endpoint)} {each.host_key}\n" for each in ways if each.host_key)
    session.files.write_private(session.path("known_hosts"), known)
    config = "\n".join(_ssh_config(session, environment, each) for each in ways)
    session.files.write_private(session.path("ssh_config"), config)


def write_credentials(session: Session, environment: Environment, bundle: Bundle, *, caller: Caller) -> None:
    """Put the logins into a file on the jumpbox that only its user may read; the secrets are put in on the way."""
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    if state is None or not state.instances:
        return
    content = SecretText(parts=tuple(_credentials(session, environment, bundle)))
    with running.held(session, environment, JUMPBOX, caller=caller) as held:
        running.carry_out(session, held, _plan_for(held, content))


def try_all(session: Session, environment: Environment, bundle: Bundle) -> tuple[Trial, ...]:
    """Every line of the report, tried the way a person will use it."""
    return tuple(_lines(session, environment, bundle))


def jumpbox_target(environment: Environment) -> AgentTarget:
    """How to reach the first jumpbox. Raises StateError, code `jumpbox-missing`."""
    if not environment.jumpboxes:
        raise StateError(
            "jumpbox-missing",
            f"Environment '{environment.name}' has no jumpbox.",
            why="Its landing zone has no public address for a jumpbox.",
            fix="Run `compleat up` again.",
        )
    return environment.jumpbox_target(environment.jumpboxes[0])


def _lines(session: Session, environment: Environment, bundle: Bundle) -> Iterator[Trial]:
    has_admin = any(each.password for each in bundle.report.values())
    for jumpbox in environment.jumpboxes:
        yield from _jumpbox_lines(session, environment, jumpbox, has_admin=has_admin)
    for name, reported in bundle.report.items():
        yield from _endpoint_lines(session, environment, name=name, reported=reported)
    yield Trial(name="log", value=f"{session.settings.program} tasks -e {environment.name}")
    yield Trial(name="tear_down", value=f"{session.settings.program} down -e {environment.name}")


def _jumpbox_lines(session: Session, environment: Environment, jumpbox: Jumpbox, *, has_admin: bool) -> Iterator[Trial]:
    """A jumpbox and its login, tried: on the first by reading the admin's password if the bundle has one."""
    group = jumpboxes.group_of(environment, jumpbox.cloud)
    is_first = group == JUMPBOX
    of_cloud = "" if is_first else f"_{jumpbox.cloud}"
    ssh, grep = f"ssh -F {shlex.quote(session.path('ssh_config'))} {group}", f"grep admin {CREDENTIALS}"
    is_told = has_admin and is_first
    problem = _try_jumpbox(session, environment, jumpbox, command=grep if is_told else "true")
    yield Trial(name=f"jumpbox{of_cloud}", value=f"{jumpbox.address} ({_reached(environment, jumpbox)})")
    yield Trial(name=f"ssh{of_cloud}", value=ssh, problem=problem)
    if is_told:
        yield Trial(name="grep_admin", value=f"{ssh} '{grep}'", problem=problem)


def _reached(environment: Environment, jumpbox: Jumpbox) -> str:
    """Its DNS name where it has one, and where this machine reaches it."""
    own = cloud_names.prefix_of(jumpbox.cloud, [choice.name for choice in environment.clouds])
    variable = f"{own}{JUMPBOX}_public_host"
    host, endpoint = environment.variables.get(variable, ""), jumpbox.endpoint
    named = f"{host}, " if host not in ("", jumpbox.address, endpoint.host) else ""
    return f"{named}reached at {endpoint.host}:{endpoint.port}"


def _endpoint_lines(
    session: Session, environment: Environment, *, name: str, reported: ReportedEndpoint
) -> Iterator[Trial]:
    endpoint = _endpoint(session, environment, reported)
    password = str(_secret(session, environment, deployment=reported.deployment, name=reported.password) or "")
    ca = _secret(session, environment, deployment=reported.deployment, name=reported.ca)
    ca_text = str(ca.get("certificate", "")) if isinstance(ca, Mapping) else str(ca or "")
    trial = LoginTrial(endpoint=endpoint, path=reported.path, user=reported.user or "", ca=ca_text, password=password)
    problem = session.world.trials.try_login(trial)
    yield Trial(name=name, value=_url(endpoint, reported), problem=problem)
    if reported.user:
        yield Trial(name="admin_user", value=reported.user)
        yield Trial(name="admin_password", value=password, is_secret=True)
    if ca_text:
        path = session.path(f"{name}-ca.pem")
        session.files.write_private(path, ca_text)
        yield Trial(name="ca_file", value=path, is_path=True)


def _endpoint(session: Session, environment: Environment, reported: ReportedEndpoint) -> Endpoint:
    """Where this machine reaches it: by the public address of its first instance."""
    state = session.deployment(reported.deployment)
    record = next((each for each in state.instances if each.group == reported.instance_group), None)
    public = {*environment.variables.values(), *map(str, session.file.variables.values())}
    address = next((ip for ip in record.addresses.values() if ip in public), "") if record else ""
    if not address or record is None or record.vm is None:
        raise StateError(
            "endpoint-without-address",
            f"'{reported.deployment}/{reported.instance_group}' has no public address.",
            why="The bundle's index reports this endpoint, so it must be reachable.",
            fix="Give the group a static address on the network 'public', or drop it from 'report'.",
        )
    return landing.public_endpoint(session.world.clouds[record.vm.cloud], address, reported.port)


def _url(endpoint: Endpoint, reported: ReportedEndpoint) -> str:
    return f"{reported.scheme}://{endpoint.host}:{endpoint.port}{reported.path}"


def _secret(session: Session, environment: Environment, *, deployment: str, name: str | None) -> JsonValue:
    return session.world.vault.get_secret(f"/{environment.name}/{deployment}/{name}") if name else None


def _try_jumpbox(session: Session, environment: Environment, jumpbox: Jumpbox, *, command: str) -> str:
    try:
        printed = session.world.trials.run_command(environment.jumpbox_target(jumpbox), command)
    except ExplainedError as error:
        return f"{error.what} {error.why}".strip()
    is_told = "grep" not in command or ("admin_user" in printed and "admin_password" in printed)
    return "" if is_told else "it printed no admin login"


def _credentials(session: Session, environment: Environment, bundle: Bundle) -> Iterator[str | SecretRef]:
    yield f"# The logins of environment {environment.name}.\n"
    for name, reported in bundle.report.items():
        endpoint = _endpoint(session, environment, reported)
        yield f"{name}_url: {_url(endpoint, reported)}\n"
        if reported.user and reported.password:
            yield f"admin_user: {reported.user}\nadmin_password: "
            yield SecretRef(name=f"/{environment.name}/{reported.deployment}/{reported.password}")
            yield "\n"


def _plan_for(held: running.Held, content: SecretText) -> Plan:
    return _file_plan(held.state, held.state.instances[0], content=content, user=held.environment.ssh.user)


def _file_plan(state: DeploymentState, record: InstanceRecord, *, content: SecretText, user: str) -> Plan:
    run = new_run_id()
    home = "/root" if user == "root" else f"/home/{user}"
    work = PutFile(instance=record.id, path=f"{home}/{CREDENTIALS}", content=content, mode=0o600, owner=user)
    action = Action(
        id=ActionId(f"{run}/put_file/{record.name}"),
        work=work,
        subject=record.name,
        reason="the logins, for users who connect by SSH",
        stage="Writing credentials",
    )
    return Plan(run=run, environment=state.environment, deployment=state.deployment, actions=(action,))


def _known_name(endpoint: Endpoint) -> str:
    return f"[{endpoint.host}]:{endpoint.port}" if endpoint.port != SSH_PORT else endpoint.host


def _ssh_config(session: Session, environment: Environment, jumpbox: Jumpbox) -> str:
    return ssh_config.describe_host(
        ssh_config.SshHost(
            name=jumpboxes.group_of(environment, jumpbox.cloud),
            host=jumpbox.endpoint.host,
            port=jumpbox.endpoint.port,
            user=environment.ssh.user,
            key=session.path("ssh_key"),
            known_hosts=session.path("known_hosts"),
        )
    )
