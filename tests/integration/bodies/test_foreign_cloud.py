"""The director on a cloud that is not the local one: what it makes there are machines it really logs in to."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpi.contract.values import VmCid
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.app.use_cases import deploy, down, instance_access, up
from director.app.use_cases.deploy import Deployed, DeployRequest
from director.app.use_cases.down import DownRequest
from director.app.wiring import sessions
from director.model.cloud_names import ONLY_CLOUD
from director.model.ids import EnvironmentName
from director.model.secret_ref import Property
from director.model.tasks.plan import Plan
from tests.support import worlds
from tests.support.bodies import ground, memory_cloud
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.memory_cloud import BodiedCloud
from tests.support.callers import calling
from tests.support.command import ROOT
from tests.support.watchers import ListWatcher

CASES = ROOT / "tests/cases/updates"
VALUES: dict[str, Property] = {
    "name": "story",
    "web": 1,
    "disk": "small",
    "word": "one",
    "failing": False,
    "slow_s": 0,
    "web_type": "small",
    "type": "small",
    "address": "10.0.1.20",
}

pytestmark = pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    session: Session
    cloud: BodiedCloud
    bodies: Bodies

    def deploy(self, **changes: str) -> Deployed:
        manifest = self.session.files.read_source(str(CASES / "story.yml"))
        values: dict[str, Property] = {**VALUES, "release": str(CASES / "release"), **changes}
        request = DeployRequest(files=ManifestFiles(manifest=manifest, values=values), caller=calling("deploy"))
        return deploy.deploy(self.session, request, _agreed)

    def vm(self, instance: str) -> VmCid:
        state = self.session.deployment("story")
        return next(record.vm.cid for record in state.instances if record.vm and record.name == instance)


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Foreign]:
    environments = tmp_path / "environments"
    environments.mkdir()
    written = (CASES / "environment.yml").read_text()
    (environments / "foreign.yml").write_text(written.replace("((name))", "foreign").replace("local", "memory"))
    config = (CASES / "cloud-config.yml").read_text()
    config = config.replace("{cpu: 1}", "{instance_type: small}").replace("{cpu: 4}", "{instance_type: large}")
    (environments / "cloud-config.yml").write_text(config)
    settings = Settings(home=str(tmp_path), environment=EnvironmentName("foreign"))
    with ExitStack() as closing:
        bodies = Bodies()
        closing.callback(bodies.close)
        cloud = BodiedCloud(bodies)
        opened = closing.enter_context(sessions.open_session(settings, ListWatcher()))
        clouds = {ONLY_CLOUD: memory_cloud.connect_cloud(cloud, bodies)}
        session = replace(opened, world=worlds.with_clouds(opened.world, clouds))
        yield Foreign(session=session, cloud=cloud, bodies=bodies)


def test_up_deploy_update_heal_and_down(foreign: Foreign) -> None:
    request = up.UpRequest(bundle=str(CASES / "bundle"), caller=calling("up"), values={})
    report = up.bring_up(foreign.session, request, _agreed, agree=lambda _: None)
    assert {line.name: line.problem for line in report.lines if line.problem} == {}
    foreign.deploy()
    foreign.deploy(word="two")
    web, kept = foreign.vm("web/0"), foreign.vm("lone/0")
    foreign.bodies.run(web, "echo kept >/var/vcap/store/file")
    foreign.cloud.vanish_vm(web)
    foreign.deploy(word="two")
    assert (foreign.vm("lone/0"), foreign.vm("web/0") == web) == (kept, False)
    target = instance_access.find_target(foreign.session, "story", "web/0")
    assert foreign.session.world.login_checks.run_command(target, "cat /var/vcap/store/file") == "kept\n"
    assert set(foreign.bodies.standing()) == set(foreign.cloud.resources.vms)
    assert down.take_down(foreign.session, DownRequest(caller=calling("down")), lambda _: None).is_forgotten
    assert foreign.bodies.standing() == {}
    assert not any(_held(foreign.cloud))


def _held(cloud: BodiedCloud) -> tuple[object, ...]:
    held = cloud.inventory()
    return held.vms, held.disks, held.stemcells, held.snapshots, held.landing


def _agreed(plan: Plan) -> None:
    """Whatever it is."""
