"""An environment and the clouds it was created on: another cloud is refused before any other call."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import DeniedError
from cpi.contract.values import CloudIdentity, JsonValue
from director.app.landing import landing_zones
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.errors import InputError
from director.model import as_data
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import Environment, Fingerprint
from tests.support import worlds
from tests.support.callers import calling
from tests.support.sessions import LANDING, session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT


class Saying:
    """An identity that is given, or does not work."""

    def __init__(self, error: DeniedError | None = None, /, **facts: str) -> None:
        self.facts, self.error = facts, error

    def identify(self) -> CloudIdentity:
        if self.error is not None:
            raise self.error
        return CloudIdentity(facts=self.facts, title=", ".join(self.facts.values()))

    def describe_login(self) -> str:
        return ""


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def session(simulation: Simulation, tmp_path: Path) -> Session:
    return session_of(simulation, tmp_path, file=LANDING)


def test_the_first_up_writes_down_where_it_was(session: Session) -> None:
    landing_zones.create_environment(session, caller=calling("up"))
    facts = {"account": "memory", "region": "memory-1"}
    assert session.environment().fingerprints == (Fingerprint(cloud=ONLY_CLOUD, plugin="memory", facts=facts),)
    assert fingerprints.known_environment(session) == session.environment()


@pytest.mark.parametrize(
    ("made", "now", "reported"),
    [
        ({"region": "a", "account": "1"}, {"region": "b", "account": "1"}, "region was a, is now b"),
        ({"region": "a", "account": "1"}, {"region": "b", "account": "2"}, "region was a, is now b; account was 1, is"),
        ({"endpoint": "x"}, {"endpoint": "y"}, "endpoint was x, is now y"),
    ],
)
def test_each_field_that_differs_is_named_with_both_values(
    session: Session, made: dict[str, str], now: dict[str, str], reported: str
) -> None:
    landing_zones.create_environment(_on(session, Saying(**made)), caller=calling("up"))
    with pytest.raises(InputError) as raised:
        fingerprints.known_environment(_on(session, Saying(**now)))
    assert raised.value.code == "environment-moved"
    assert reported in raised.value.why


def test_what_one_side_does_not_know_differs_in_nothing(session: Session) -> None:
    landing_zones.create_environment(_on(session, Saying(region="a", tenant="")), caller=calling("up"))
    fingerprints.known_environment(_on(session, Saying(region="a", tenant="t")))


def test_another_plugin_is_another_cloud_and_another_path_of_one_executable_is_not(session: Session) -> None:
    made = _on(session, Saying(region="a"), plugin="exec:/one/cpi")
    landing_zones.create_environment(made, caller=calling("up"))
    fingerprints.known_environment(_on(session, Saying(region="a"), plugin="exec:/two/cpi"))
    with pytest.raises(InputError) as raised:
        fingerprints.known_environment(_on(session, Saying(region="a"), plugin="memory"))
    assert "created on exec:/one/cpi (region a), now memory (region a)" in raised.value.why


def test_of_several_clouds_each_is_compared_and_one_that_left_the_file_is_named(session: Session) -> None:
    both = _among(session, near=Saying(region="a"), far=Saying(region="b"))
    saved = replace(landing_zones.new_environment(session), fingerprints=fingerprints.fingerprints_of(both))
    moved = _among(session, near=Saying(region="c"), third=Saying(region="b"))
    assert fingerprints.moves_of(both, saved) == ()
    assert fingerprints.moves_of(moved, saved) == (
        "Cloud 'near' differs: region was a, is now c.",
        "Cloud 'far' (memory, region b) is no longer in the file.",
    )


def test_a_login_that_does_not_work_is_told_as_such_and_never_as_another_place(session: Session) -> None:
    landing_zones.create_environment(_on(session, Saying(region="a")), caller=calling("up"))
    denied = _on(session, Saying(DeniedError("login-refused", "No.")))
    with pytest.raises(DeniedError):
        fingerprints.known_environment(denied)
    fingerprints.require_same_clouds_and_report(denied)
    assert [place.title for place in fingerprints.places_of(denied)] == [""]


def test_nobody_is_asked_for_an_environment_without_fingerprints(session: Session) -> None:
    saved = landing_zones.new_environment(session)
    fingerprints.require_same_clouds(_on(session, Saying(DeniedError("login-refused", "No."))), saved)


def test_an_environment_of_before_gets_its_fingerprint_when_its_resources_are_found(session: Session) -> None:
    _make_as_before(session)
    landing_zones.create_environment(session, caller=calling("up"))
    assert [each.facts["region"] for each in session.environment().fingerprints] == ["memory-1"]


def test_an_environment_of_before_is_refused_where_none_of_its_resources_is(session: Session) -> None:
    before = _make_as_before(session)
    empty = MemoryCloud(Rules(region="memory-2"))
    elsewhere = replace(session, world=worlds.with_clouds(session.world, {ONLY_CLOUD: connect_cloud(empty)}))
    with pytest.raises(InputError) as raised:
        landing_zones.create_environment(elsewhere, caller=calling("up"))
    assert (raised.value.code, session.environment()) == ("environment-moved", before)
    assert "public_address jumpbox" in raised.value.why
    assert empty.inventory().landing == ()


def test_a_document_of_before_is_read_as_one_without_fingerprints(session: Session) -> None:
    document = as_data.encode(landing_zones.new_environment(session))
    assert isinstance(document, dict)
    old: dict[str, JsonValue] = {name: value for name, value in document.items() if name != "fingerprints"}
    assert as_data.decode(Environment, old).fingerprints == ()


def test_the_place_is_told_in_a_line(session: Session, simulation: Simulation) -> None:
    fingerprints.report_clouds(session)
    assert (
        simulation.watcher.events[-1].text == f"Environment '{ENVIRONMENT}' on memory: account memory, region memory-1."
    )


def _make_as_before(session: Session) -> Environment:
    """What an `up` of an earlier version left: the same without fingerprints."""
    landing_zones.create_environment(session, caller=calling("up"))
    before = replace(session.environment(), fingerprints=())
    with session.world.store.hold_all_leases(before.name, caller=calling("before")) as leases:
        (lease,) = leases.values()
        session.world.store.save_environment(lease, before)
    return before


def _on(session: Session, identity: Saying, *, plugin: str = "memory") -> Session:
    (cloud,) = session.world.clouds.values()
    return replace(
        session, world=worlds.with_clouds(session.world, {ONLY_CLOUD: replace(cloud, name=plugin, identity=identity)})
    )


def _among(session: Session, **identities: Saying) -> Session:
    (cloud,) = session.world.clouds.values()
    clouds: dict[str, ConnectedCloud] = {name: replace(cloud, identity=each) for name, each in identities.items()}
    return replace(session, world=worlds.with_clouds(session.world, clouds))
