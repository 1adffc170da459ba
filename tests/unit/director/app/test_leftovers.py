"""`leftovers`: what no state knows is listed wherever the environment ever was; what is known or of others is not."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import ENVIRONMENT_ITSELF, DiskRequest, OwnerKey, StemcellRequest
from director.app.landing import landing_zones
from director.app.sessions import used_places
from director.app.sessions.leftovers_home import LeftoversHome
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.app.use_cases import down, leftovers
from director.app.use_cases.down import DownRequest
from director.edge.machine.library import Library
from director.model.cloud_names import ONLY_CLOUD
from director.model.configs import ConfigType
from director.model.environments.environment import CloudChoice
from director.model.ids import EnvironmentName
from director.model.leftovers import PlaceLeftovers, UsedPlace
from director.report import leftover_text
from tests.support import flow, worlds
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.sessions import LANDING, session_of
from tests.support.simulation import Simulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT, small, small_changed

DOWN = DownRequest(caller=calling("down"))
NAME = EnvironmentName(ENVIRONMENT)


@dataclass(slots=True)
class Home:
    """A home whose environment's file leads to one region of the memory cloud, and which was in others."""

    simulation: Simulation
    folder: Path
    clouds: dict[str, ConnectedCloud] = field(default_factory=dict)
    region: str = "memory-1"

    def session(self) -> Session:
        made = session_of(self.simulation, self.folder, file=LANDING)
        cloud = self.clouds.get(self.region)
        return replace(made, world=worlds.with_clouds(made.world, {ONLY_CLOUD: cloud})) if cloud else made

    def find(self) -> tuple[PlaceLeftovers, ...]:
        world = self.session().world
        home = LeftoversHome(
            settings=Settings(home=str(self.folder), environment=NAME),
            files=Library(self.folder),
            store=world.store,
            configs=world.configs,
            open_present=lambda name: self._opened(self.region),
            open_place=self._at,
        )
        return leftovers.find_leftovers(home, NAME)

    def _at(self, place: UsedPlace) -> AbstractContextManager[Session]:
        return self._opened(place.facts["region"])

    @contextmanager
    def _opened(self, region: str) -> Iterator[Session]:
        yield replace(self, region=region).session()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A landed environment with a deployment of three VMs and their disks, one of them orphaned."""
    made = _landed(tmp_path)
    flow.deploying(small())(made.simulation, Deaths())
    flow.deploying(small_changed())(made.simulation, Deaths())
    return made


def test_of_what_is_recorded_nothing_is_left_over(home: Home) -> None:
    (here,) = home.find()
    assert (here.left, here.error) == ((), None)
    held = home.simulation.cloud.inventory()
    assert any("orphaned_by" in disk.tags for disk in held.disks)
    assert here.known == sum(map(len, (held.vms, held.disks, held.stemcells, held.snapshots, held.landing)))


def test_what_no_state_knows_is_listed_with_what_deletes_it_and_of_others_nothing(home: Home) -> None:
    cloud = home.simulation.cloud
    lost = cloud.create_disk(DiskRequest(owner=_owner(ENVIRONMENT, "lost"), size_mib=1024))
    image = cloud.create_stemcell(StemcellRequest(owner=_owner(ENVIRONMENT, "gone"), os="other", version="1"))
    for number in range(300):
        cloud.create_disk(DiskRequest(owner=_owner(f"{ENVIRONMENT}-{number}", "lost"), size_mib=1024))
    before = cloud.inventory()
    (here,) = home.find()
    assert [(one.kind, one.cid, one.deleted_by) for one in here.left] == [
        ("disk", lost, f"`compleat delete-disk {lost} -e {ENVIRONMENT}`"),
        ("stemcell", image, f"`compleat down -e {ENVIRONMENT}`, with everything else of the environment"),
    ]
    assert cloud.inventory() == before


def test_a_run_that_has_not_ended_settles_what_it_began(tmp_path: Path) -> None:
    counting = Deaths()
    flow.deploying(small())(_landed(tmp_path / "counted").simulation, counting)
    for at in range(1, len(counting.passed) + 1, 7):
        home = _landed(tmp_path / str(at))
        with suppress(Death):
            flow.deploying(small())(home.simulation, Deaths(at=at))
        assert [each.left for each in home.find()] == [()], counting.passed[at - 1]


def test_after_down_nothing_is_left_and_the_place_is_still_asked(home: Home) -> None:
    down.take_down(home.session(), DOWN, lambda _: None)
    (here,) = home.find()
    assert (here.left, here.known, here.error) == ((), 0, None)
    disk = home.simulation.cloud.create_disk(DiskRequest(owner=_owner(ENVIRONMENT, "late"), size_mib=1))
    (here,) = home.find()
    assert [(one.cid, one.deleted_by) for one in here.left] == [(disk, f"`compleat down -e {ENVIRONMENT}`")]


def test_a_place_that_the_file_left_is_asked_too_and_what_brings_it_back_is_named(home: Home) -> None:
    home.clouds["memory-2"] = connect_cloud(MemoryCloud(Rules(region="memory-2")))
    home.region = "memory-2"
    here, former = home.find()
    assert (here.known, here.left, former.left) == (0, (), ())
    assert (former.place.facts["region"], former.known > 5) == ("memory-1", True)
    down.take_down(home.session(), replace(DOWN, is_forgetting=True), lambda _: None)
    here, former = home.find()
    assert (here.left, former.known, len(former.left) > 5) == ((), 0, True)
    assert {one.deleted_by for one in former.left} == {
        f"`compleat down -e {ENVIRONMENT}` once environments/{ENVIRONMENT}.yml has the settings of then"
    }


def test_a_login_that_leads_elsewhere_proves_nothing(home: Home) -> None:
    home.clouds["memory-2"] = connect_cloud(MemoryCloud(Rules(region="memory-2")))
    home.clouds["memory-1"] = connect_cloud(MemoryCloud(Rules(region="memory-3")))
    home.region = "memory-2"
    _, former = home.find()
    assert former.error is not None
    assert (former.error.code, former.left) == ("place-not-reached", ())
    assert "region was memory-1, is now memory-3" in former.error.why


def test_a_cloud_that_cannot_list_is_reported(home: Home) -> None:
    home.simulation.has_finder = False
    (here,) = home.find()
    assert here.error is not None
    assert here.error.code == "place-not-listable"


def test_a_place_is_recorded_once_and_without_secrets(home: Home) -> None:
    landing_zones.create_environment(home.session(), caller=calling("up"))
    stored = [one for one in home.simulation.configs.list_configs(NAME) if one.type is ConfigType.PLACE]
    assert len(stored) == 1
    place = UsedPlace(
        environment=NAME,
        cloud=ONLY_CLOUD,
        plugin="memory",
        properties={"region": "a"},
    )
    now = CloudChoice(name=ONLY_CLOUD, plugin="memory", properties={"region": "b", "secret_access_key": "s"})
    assert used_places.choice_at(place, [now]).properties == {"region": "a", "secret_access_key": "s"}


def test_the_list_fits_80_columns_and_says_how_to_get_back(home: Home) -> None:
    disk = home.simulation.cloud.create_disk(DiskRequest(owner=_owner(ENVIRONMENT, "lost"), size_mib=1024))
    found = home.find()
    known = found[0].known
    assert leftover_text.leftover_lines(found) == (
        f"Environment '{ENVIRONMENT}' on memory: account memory, region memory-1: 1 left; {known} known.",
        f"  disk {disk} of deployment '{DEPLOYMENT}'",
        f"  To delete: `compleat delete-disk {disk} -e {ENVIRONMENT}`",
    )
    place = replace(found[0].place, plugin="aws", properties={"region": "us-east-1", "zones": ["a"]})
    now = CloudChoice(name=ONLY_CLOUD, plugin="aws", properties={"region": "eu-west-1", "zones": ["a"]})
    file = f"environments/{ENVIRONMENT}.yml"
    assert (
        leftover_text.fix_elsewhere(place, [now], is_built=False)
        == f"`compleat down -e {ENVIRONMENT}` once {file} has `region: us-east-1`"
    )
    assert (
        leftover_text.fix_elsewhere(place, [], is_built=True)
        == f"`compleat down -e {ENVIRONMENT}` in another COMPLEAT_HOME, where {file} has `cloud: aws`, "
        "`region: us-east-1`"
    )


def _landed(folder: Path) -> Home:
    home = Home(Simulation(), folder)
    landing_zones.create_environment(home.session(), caller=calling("up"))
    return home


def _owner(environment: str, run: str) -> OwnerKey:
    deployment = ENVIRONMENT_ITSELF if run == "gone" else DEPLOYMENT
    return OwnerKey(environment=environment, deployment=deployment, action=f"{run}/create_disk/x")
