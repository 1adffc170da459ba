"""An environment in memory with its way in, and a deployment of two web servers that plans are stored for.

Takes a simulation and a home, gives sessions of commands that each run as a process of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from director.app.landing import landing_zones
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.tasks.tasks import TaskBook
from director.app.use_cases import deploy as deploying
from director.app.use_cases import plan as planning
from director.app.use_cases import stored_plans
from director.app.use_cases.deploy import Deployed, DeployRequest
from director.app.use_cases.plan_files import PlanFile
from director.app.use_cases.stored_plans import StoredPlanRequest
from director.model.documents import Source
from director.model.releases.release import PropertyDefinition, Release, ReleaseJob, ReleasePackage, TemplateFile
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import StoredPlan
from tests.support.callers import calling
from tests.support.deaths import Deaths
from tests.support.memory_blobs import MemoryBlobs
from tests.support.memory_releases import MemoryReleases
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

CLOUD_CONFIG = """\
azs: [{name: z1}]
networks:
- name: default
  type: manual
  subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, azs: [z1], cloud_properties: {network: main}}]
vm_types: [{name: default, cloud_properties: {instance_type: ((size))}}]
compilation: {workers: 1, network: default, az: z1, cloud_properties: {instance_type: small}}
"""
_FILE = """\
name: test
cloud: memory
cloud_config: {folder}/cloud-config.yml
public_names: []
networks: {{landed: 172.20.0.0/16}}
"""
_MANIFEST = """\
name: {name}
releases: {releases}
stemcells: [{{alias: default, os: memory-linux, version: latest}}]
update: {{canaries: 1, max_in_flight: 1, canary_watch_time: 1000-30000, update_watch_time: 1000-30000}}
instance_groups:
- name: web
  instances: {instances}
  azs: [z1]
  stemcell: default
  vm_type: default
  networks: [{{name: default}}]
  jobs: {jobs}
"""


@dataclass(slots=True)
class Lab:
    """`release` is the content of release tools/1; `folder` holds the cloud config, which tests change.

    `cancel_after_s` is when another shell cancels each command.
    """

    simulation: Simulation
    folder: Path
    cancel_after_s: float | None = None
    release: Release = field(default_factory=lambda: _release(b"port ((port))"))

    def __post_init__(self) -> None:
        (self.folder / "cloud-config.yml").write_text(CLOUD_CONFIG)
        landing_zones.create_environment(self.session(), caller=calling("up"))
        self.deploy(name="jumpbox", instances=1)

    def session(self, deaths: Deaths | None = None, *, task: int = 0) -> Session:
        """The session of another command."""
        process = self.simulation.process(deaths)
        releases = MemoryReleases(MemoryBlobs(self.simulation.blobs), (self.release,))
        opened = session_of(
            self.simulation,
            self.folder,
            world=replace(process, releases=releases),
            file=_FILE.format(folder=self.folder),
        )
        return replace(opened, task=task)

    def request(self, name: str = "app", *, instances: int = 2) -> DeployRequest:
        """`deploy` of a manifest, whose VMs are of the size that -v gives."""
        is_app = name != "jumpbox"
        text = _MANIFEST.format(
            name=name,
            instances=instances,
            releases="[{name: tools, version: 1, url: file://release}]" if is_app else "[]",
            jobs="[{name: web, release: tools, properties: {secret: ((token))}}]" if is_app else "[]",
        ) + ("variables: [{name: token, type: password}]\n" if is_app else "")
        files = ManifestFiles(
            manifest=Source(name=f"{name}.yml", content=text.encode()), values={"size": "small"}, base=str(self.folder)
        )
        return DeployRequest(files=files, caller=calling(f"deploy {name}.yml"))

    def deploy(self, name: str = "app", *, instances: int = 2, deaths: Deaths | None = None) -> Deployed:
        """Deploy it, as a task."""
        return self.deploy_request(self.request(name, instances=instances), deaths=deaths)

    def deploy_request(self, request: DeployRequest, *, deaths: Deaths | None = None) -> Deployed:
        """The same of any request."""
        return self._worked(
            request.caller.command, lambda session: deploying.deploy(session, request, _yes), deaths=deaths
        )

    def store(self, *, instances: int = 2) -> StoredPlan:
        """Plan it and store the plan."""
        planned = planning.plan_deployment(self.session(), self.request(instances=instances), is_storing=True)
        assert planned.stored is not None
        return planned.stored

    def apply(self, number: int, *, deaths: Deaths | None = None, file: PlanFile | None = None) -> Deployed:
        """Apply a stored plan, as a task."""
        request = StoredPlanRequest(number=number, caller=calling(f"deploy --plan {number}"), file=file)
        return self._worked(
            request.caller.command,
            lambda session: stored_plans.apply_plan(session, request, _yes),
            deaths=deaths,
        )

    def _worked(self, command: str, work: Callable[[Session], Deployed], *, deaths: Deaths | None) -> Deployed:
        session = self.session(deaths)
        caller = replace(calling(command), at=self.simulation.time.now())
        world = session.world
        with TaskBook(world.tasks, world.journal, world.clock).working(session.settings.environment, caller) as task:
            if self.cancel_after_s is not None:
                self.simulation.time.interrupt_at = world.clock.now() + self.cancel_after_s
                world.tasks.request_cancel(task.number, calling(f"cancel-task {task.number}"))
            return work(replace(session, task=task.number))


def changed_release() -> Release:
    """The same release with another template."""
    return _release(b"port ((port)) and more")


def _release(template: bytes) -> Release:
    job = ReleaseJob(
        name="web",
        fingerprint="web-print",
        where="jobs/web/spec",
        templates=(TemplateFile(source="web.j2", destination="config/web", content=template),),
        monit=b"",
        packages=("server",),
        properties=(PropertyDefinition(name="secret"),),
    )
    package = ReleasePackage(name="server", fingerprint="server-print")
    return Release(name="tools", version="1", origin="memory", jobs=(job,), packages=(package,))


def _yes(_plan: Plan) -> None:
    """The answer to each question."""
