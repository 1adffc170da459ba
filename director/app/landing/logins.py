"""What a person logs in with: SSH files, the credentials file on the jumpbox, and the report, each line tried.

Takes a Session and an environment, gives login checks.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping

from cpi.contract.errors import ExplainedError
from cpi.contract.values import Endpoint, JsonValue
from director.app.landing import landing_zones
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.errors import StateError
from director.model import cloud_names
from director.model.agents.agent_address import AgentTarget
from director.model.environments.environment import JUMPBOX, Environment, Jumpbox
from director.model.ids import DeploymentName
from director.model.report import ReportLine
from director.model.secret_ref import SecretRef
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.model.written.bundle import Bundle, ReportedEndpoint
from director.plan.environments import credentials as planning
from director.ports.login_checks import LoginCheck
from director.report import credentials, ssh_config
from director.report.credentials import EndpointLogin


def write_ssh_files(session: Session, environment: Environment) -> None:
    """Key, known hosts and a configuration, so that `ssh -F <file> jumpbox` works with any OpenSSH."""
    ways = environment.jumpboxes
    if not ways:
        return
    key = session.world.vault.get_secret(environment.ssh_key.name)
    assert isinstance(key, Mapping)
    session.files.write_private(session.path("ssh_key"), str(key["private_key"]))
    known = "".join(ssh_config.describe_known_host(each) for each in ways if each.host_key)
    session.files.write_private(session.path("known_hosts"), known)
    config = "\n".join(
        ssh_config.describe_jumpbox(
            environment, each, key=session.path("ssh_key"), known_hosts=session.path("known_hosts")
        )
        for each in ways
    )
    session.files.write_private(session.path("ssh_config"), config)


def write_credentials(session: Session, environment: Environment, bundle: Bundle, *, caller: Caller) -> None:
    """Put the logins into a file on the jumpbox that only its user may read; the secrets are put in on the way."""
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    if bundle.credentials is None or state is None or not state.instances:
        return
    content = credentials.describe_credentials(environment.name, _endpoint_logins(session, environment, bundle))
    with running.hold_deployment(session, environment, DeploymentName(JUMPBOX), caller=caller) as held:
        path, user = bundle.credentials.path, held.environment.ssh.user
        plan = planning.plan_credentials(held.state, new_run_id(), path=path, content=content, user=user)
        running.run_plan(session, held, plan)


def write_ssh_keys(session: Session, environment: Environment, *, caller: Caller) -> None:
    """Let the keys of the environment's file log in to the jumpboxes; a file without `ssh_keys` changes nothing."""
    keys = session.file.ssh_keys
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    if keys is None or state is None or not state.instances:
        return
    with running.hold_deployment(session, environment, DeploymentName(JUMPBOX), caller=caller) as held:
        plan = planning.plan_ssh_keys(held.state, new_run_id(), keys=keys, user=held.environment.ssh.user)
        running.run_plan(session, held, plan)


def check_logins(session: Session, environment: Environment, bundle: Bundle | None) -> tuple[ReportLine, ...]:
    """Every line of the report, tried the way a person will use it; without a bundle the way in alone."""
    return tuple(_lines(session, environment, bundle))


def jumpbox_target(environment: Environment) -> AgentTarget:
    """How to reach the first jumpbox. Raises StateError, code `jumpbox-missing`."""
    if not environment.jumpboxes:
        raise StateError(
            "jumpbox-missing",
            f"Environment '{environment.name}' has no jumpbox.",
            why="Its file sets `jumpbox: none`, or its landing zone has no public address for a jumpbox yet.",
            fix="Name an instance of a deployment, or run `compleat up` again.",
        )
    return environment.jumpbox_target(environment.jumpboxes[0])


def report_lines(session: Session, lines: Iterable[ReportLine]) -> None:
    """Write the report to the task's log, for whatever shows it; secrets are left out."""
    for line in lines:
        event = Event(
            at=session.world.clock.now(),
            happening=Happening.REPORT,
            stage=line.problem,
            subject=line.name,
            kind="secret" if line.is_secret else "",
            text="" if line.is_secret else line.value,
        )
        session.world.watcher.report(event)


def _lines(session: Session, environment: Environment, bundle: Bundle | None) -> Iterator[ReportLine]:
    for jumpbox in environment.jumpboxes:
        yield from _jumpbox_lines(session, environment, jumpbox, bundle=bundle)
    for name, reported in bundle.report.items() if bundle else ():
        yield from _endpoint_lines(session, environment, name=name, reported=reported)
    yield ReportLine(name="log", value=f"{session.settings.program} tasks -e {environment.name}")
    yield ReportLine(name="tear_down", value=f"{session.settings.program} down -e {environment.name}")


def _jumpbox_lines(
    session: Session, environment: Environment, jumpbox: Jumpbox, *, bundle: Bundle | None
) -> Iterator[ReportLine]:
    """A jumpbox and its login, tried: on the first by reading the logins there, if the bundle writes them down."""
    group = environment.jumpbox_group(jumpbox.cloud)
    of_cloud = "" if group == JUMPBOX else f"_{jumpbox.cloud}"
    ssh = f"ssh -F {shlex.quote(session.path('ssh_config'))} {group}"
    shown = bundle.credentials if bundle and group == JUMPBOX and _login_keys(bundle) else None
    problem = _try_jumpbox(session, environment, jumpbox, bundle=bundle if shown else None)
    yield ReportLine(name=f"jumpbox{of_cloud}", value=f"{jumpbox.address} ({_reached(environment, jumpbox)})")
    yield ReportLine(name=f"ssh{of_cloud}", value=ssh, problem=problem)
    if shown:
        yield ReportLine(name=shown.name, value=f"{ssh} {shlex.quote(shown.command)}", problem=problem)


def _reached(environment: Environment, jumpbox: Jumpbox) -> str:
    """Its DNS name where it has one, and where this machine reaches it."""
    own = cloud_names.prefix_of(jumpbox.cloud, [choice.name for choice in environment.clouds])
    variable = f"{own}{JUMPBOX}_public_host"
    host, endpoint = environment.variables.get(variable, ""), jumpbox.endpoint
    named = f"{host}, " if host not in ("", jumpbox.address, endpoint.host) else ""
    return f"{named}reached at {endpoint.host}:{endpoint.port}"


def _endpoint_lines(
    session: Session, environment: Environment, *, name: str, reported: ReportedEndpoint
) -> Iterator[ReportLine]:
    endpoint = _endpoint(session, environment, reported)
    password = str(_secret(session, environment, deployment=reported.deployment, name=reported.password) or "")
    ca = _secret(session, environment, deployment=reported.deployment, name=reported.ca)
    ca_text = str(ca.get("certificate", "")) if isinstance(ca, Mapping) else str(ca or "")
    login_check = LoginCheck(
        endpoint=endpoint, path=reported.path, user=reported.user or "", ca=ca_text, password=password
    )
    problem = session.world.login_checks.try_login(login_check)
    yield ReportLine(name=name, value=_url(endpoint, reported), problem=problem)
    if reported.user:
        yield ReportLine(name=credentials.user_key(name, reported), value=reported.user)
        yield ReportLine(name=credentials.password_key(name, reported), value=password, is_secret=True)
    if ca_text:
        path = session.path(f"{name}-ca.pem")
        session.files.write_private(path, ca_text)
        yield ReportLine(name="ca_file", value=path, is_path=True)


def _endpoint(session: Session, environment: Environment, reported: ReportedEndpoint) -> Endpoint:
    """Where this machine reaches it: at the public address of its first instance, from inside at its own."""
    state = session.deployment(reported.deployment)
    record = next((each for each in state.instances if each.group == reported.instance_group), None)
    public = {*environment.variables.values(), *map(str, session.file.variables.values())}
    address = next((ip for ip in record.addresses.values() if ip in public), "") if record else ""
    vm = record.vm if record else None
    if not address and vm is not None and vm.agent is not None and session.file.jumpbox.access != "public":
        address = vm.agent.host
    if not address or vm is None:
        raise StateError(
            "endpoint-without-address",
            f"'{reported.deployment}/{reported.instance_group}' has no public address.",
            why="The bundle's index reports this endpoint, so it must be reachable from this machine.",
            fix="Give the group a static address on the network 'public', or remove it from 'report'.",
        )
    return landing_zones.endpoint_of(session.world.clouds[vm.cloud], address, reported.port)


def _url(endpoint: Endpoint, reported: ReportedEndpoint) -> str:
    return f"{reported.scheme}://{endpoint.host}:{endpoint.port}{reported.path}"


def _secret(session: Session, environment: Environment, *, deployment: str, name: str | None) -> JsonValue:
    return session.world.vault.get_secret(_secret_name(environment, deployment, name).name) if name else None


def _try_jumpbox(session: Session, environment: Environment, jumpbox: Jumpbox, *, bundle: Bundle | None) -> str:
    """What is wrong with the login there, "" if nothing; with a bundle, its command must show every login."""
    command = bundle.credentials.command if bundle and bundle.credentials else "true"
    try:
        printed = session.world.login_checks.run_command(environment.jumpbox_target(jumpbox), command)
    except ExplainedError as error:
        return f"{error.what} {error.why}".strip()
    missing = [key for key in _login_keys(bundle) if key not in printed] if bundle else []
    return f"the output has no {' and no '.join(missing)}" if missing else ""


def _login_keys(bundle: Bundle) -> list[str]:
    """The names under which the logins are written down."""
    reported = [(name, each) for name, each in bundle.report.items() if each.user and each.password]
    return [key(*each) for each in reported for key in (credentials.user_key, credentials.password_key)]


def _endpoint_logins(session: Session, environment: Environment, bundle: Bundle) -> Iterator[EndpointLogin]:
    for name, reported in bundle.report.items():
        url = _url(_endpoint(session, environment, reported), reported)
        password = _secret_name(environment, reported.deployment, reported.password) if reported.password else None
        yield EndpointLogin(name=name, url=url, reported=reported, password=password)


def _secret_name(environment: Environment, deployment: str, name: str) -> SecretRef:
    return SecretRef(name=f"/{environment.name}/{deployment}/{name}")
