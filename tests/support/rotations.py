"""Deployments whose secrets are rotated, in memory, with the logins of their VMs.

Takes a simulation and a home, gives rotations that each run as a process of their own.
"""

from dataclasses import dataclass, field, replace

from director.app.checks.rotation_names import RotationChoice
from director.app.sessions.session import Session
from director.app.tasks.tasks import TaskBook
from director.app.use_cases import rotate
from director.app.use_cases.deploy import DeployRequest
from director.app.use_cases.rotate import RotateRequest
from director.model.report import Table
from director.model.tasks.plan import Plan
from tests.support import wants, worlds
from tests.support.callers import calling
from tests.support.deaths import Deaths
from tests.support.memory_logins import MemoryLoginChecks, MemoryRemoteAccess
from tests.support.stored_plans import CLOUD_CONFIG, Lab

CA, TLS, TOKEN = "/test/app/ca", "/test/app/tls", "/test/app/token"
VARIABLES = """\
variables:
- {name: token, type: password}
- {name: ca, type: certificate, options: {is_ca: true, common_name: ca}}
- {name: tls, type: certificate, options: {ca: ca, common_name: tls}}
"""


@dataclass(frozen=True, slots=True)
class Rotated:
    table: Table
    confirmed: tuple[Plan, ...]
    lines: tuple[str, ...]
    task: int


@dataclass(slots=True)
class RotationLab(Lab):
    """`app` has a password, a CA and a certificate of it; `consumer` has a certificate of the same CA."""

    definitions: str = VARIABLES
    secrets: str = "((token)) ((tls.ca)) ((tls.private_key))"
    """What the job of `app` has as its property `secret`."""
    remote: MemoryRemoteAccess = field(default_factory=MemoryRemoteAccess)
    also_accepted: tuple[str, ...] = ()
    """SSH keys that VMs accept whatever their files say."""

    def session(self, deaths: Deaths | None = None, *, task: int = 0) -> Session:
        (self.folder / "cloud-config.yml").write_text(CLOUD_CONFIG.replace("((size))", "small"))
        opened = Lab.session(self, deaths, task=task)
        agents, cloud = self.simulation.agents, self.simulation.cloud
        logins = MemoryLoginChecks(agents, cloud, opened.world.vault, also=self.also_accepted)
        world = worlds.with_access(opened.world, login_checks=logins, remote_access=self.remote)
        return replace(opened, world=world)

    def request(self, name: str = "app", *, instances: int = 2) -> DeployRequest:
        plain = Lab.request(self, name, instances=instances)
        source = plain.files.manifest
        text = source.content.decode()
        if name == "app":
            text = text.replace("variables: [{name: token, type: password}]\n", self.definitions)
            text = text.replace("((token))", self.secrets)
        if name == "above":
            text = text.replace("((token))", f"(({TOKEN})) ((own))").replace(
                "[{name: token,", f"[{{name: own, type: password}}, {{name: {TOKEN},"
            )
        if name == "consumer":
            text = text.replace("type: password", f"type: certificate, options: {{ca: {CA}, common_name: x}}")
        return replace(plain, files=replace(plain.files, manifest=replace(source, content=text.encode())))

    def rotate(
        self,
        *names: str,
        is_all: bool = False,
        expiring_s: float | None = None,
        deployment: str | None = None,
        deaths: Deaths | None = None,
    ) -> Rotated:
        """Rotate, as a task."""
        choice = RotationChoice(names=names, is_all=is_all, expiring_s=expiring_s)
        caller = replace(calling(f"rotate {choice}"), at=self.simulation.time.now())
        session = self.session(deaths)
        world, plans, lines = session.world, list[Plan](), list[str]()
        with TaskBook(world.tasks, world.journal, world.clock).working(wants.ENVIRONMENT, caller) as task:
            table = rotate.rotate(
                replace(session, task=task.number),
                RotateRequest(choice=choice, caller=caller, deployment=deployment),
                plans.append,
                announce=lines.extend,
            )
        return Rotated(table=table, confirmed=tuple(plans), lines=tuple(lines), task=task.number)
