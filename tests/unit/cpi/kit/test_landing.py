"""A landing zone of parts, on a scripted cloud: killed at any step it continues, and nothing is left at the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from cpi.contract.errors import ConflictError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.landing_parts import JoinedParts, NetworkParts
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingCid,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    OwnerKey,
)
from cpi.kit import part_entries
from cpi.kit.judge import PartAbilities
from cpi.kit.landing import Part, PartFound, PartsLanding
from tests.support.deaths import Death, Deaths

OURS, THEIRS = "ours", "theirs"
OWNER = OwnerKey(environment=OURS, deployment=ENVIRONMENT_ITSELF, action="up")
SPEC = LandingSpec(networks={}, public_names=())
RESOURCES = (
    LandingResource(kind="network", name="wide"),
    LandingResource(kind="subnet", name="a", after=("wide",)),
    LandingResource(kind="subnet", name="b", after=("wide",)),
    LandingResource(kind="group", name="guard", after=("wide",)),
)
NEEDS = {"network": (), "subnet": ("network",), "group": ("network",)}


@dataclass(slots=True)
class Thing:
    name: str
    owner: OwnerKey
    is_whole: bool = False


@dataclass(slots=True)
class ScriptedCloud:
    """What lasts beyond a process; `hidden` things exist and are not listed."""

    things: dict[str, Thing] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    made: int = 0

    def of_kind(self, kind: str) -> dict[str, Thing]:
        return {id_: thing for id_, thing in self.things.items() if id_.startswith(f"{kind}-")}

    def add(self, kind: str, name: str, owner: OwnerKey) -> str:
        self.made += 1
        id_ = f"{kind}-{self.made}"
        self.things[id_] = Thing(name=name, owner=owner)
        return id_

    def summary(self) -> list[tuple[str, str, bool]]:
        return sorted((id_.partition("-")[0], one.name, one.is_whole) for id_, one in self.things.items())


class ScriptedPart(Part):
    """Dies before and after everything that lasts."""

    cloud = "The cloud"

    def __init__(self, kind: str, cloud: ScriptedCloud, deaths: Deaths) -> None:
        self.kind = kind
        self._cloud = cloud
        self._deaths = deaths

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        for id_, thing in self._cloud.of_kind(self.kind).items():
            if name in ("", thing.name) and id_ not in self._cloud.hidden:
                yield PartFound(id=id_, name=thing.name, owner=thing.owner, answer={"is_whole": thing.is_whole})

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        for kind in NEEDS[self.kind]:
            assert self._cloud.of_kind(kind), f"{self.kind} before its {kind}"
        self._deaths.passing(f"before make {resource.name}")
        id_ = self._cloud.add(self.kind, resource.name, owner)
        self._deaths.passing(f"after make {resource.name}")
        return PartFound(id=id_, name=resource.name, owner=owner, answer={"is_whole": False})

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        if not found.answer["is_whole"]:
            self._deaths.passing(f"before complete {found.name}")
            self._cloud.things[found.id].is_whole = True
            self._deaths.passing(f"after complete {found.name}")

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_id": found.id}

    def delete(self, id_: str) -> None:
        users = [kind for kind, needed in NEEDS.items() if self.kind in needed and self._cloud.of_kind(kind)]
        if users:
            raise ConflictError("landing-in-use", f"{users} still uses it.")
        self._deaths.passing(f"before delete {id_}")
        self._cloud.things.pop(id_, None)
        self._deaths.passing(f"after delete {id_}")


class LatePart(ScriptedPart):
    shows_late = True


class ScriptedLanding(PartsLanding):
    abilities = PartAbilities(cloud="Scripted")

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return RESOURCES


class LackingLanding(ScriptedLanding):
    abilities = PartAbilities(cloud="Scripted", missing=dict.fromkeys(("route_tables", "nat_gateways"), "It has none."))


def _landing(cloud: ScriptedCloud, deaths: Deaths, part: type[ScriptedPart] = ScriptedPart) -> ScriptedLanding:
    """A new process."""
    return ScriptedLanding([part(kind, cloud, deaths) for kind in NEEDS])


def _raise(cloud: ScriptedCloud, deaths: Deaths) -> None:
    landing = _landing(cloud, deaths)
    for resource in landing.landing_resources(SPEC):
        landing.create_landing_resource(resource, OWNER)


def _take_down(cloud: ScriptedCloud, deaths: Deaths) -> None:
    landing = _landing(cloud, deaths)
    for found in reversed(landing.find_landing_resources(OURS)):
        landing.delete_landing_resource(found.cid)


WHOLE = [("group", "guard", True), ("network", "wide", True), ("subnet", "a", True), ("subnet", "b", True)]


UP = range(1, 4 * len(RESOURCES) + 1)
"""Before and after each making, and each completion."""
DOWN = range(1, 2 * len(RESOURCES) + 1)


@pytest.mark.parametrize("step", UP)
def test_killed_at_any_step_of_its_making_it_is_made_once_and_whole(step: int) -> None:
    cloud = ScriptedCloud()
    with pytest.raises(Death):
        _raise(cloud, Deaths(step))
    assert cloud.summary() != WHOLE or step == UP[-1]
    _raise(cloud, Deaths())
    assert cloud.summary() == WHOLE


@pytest.mark.parametrize("step", DOWN)
def test_killed_at_any_step_of_its_deletion_nothing_is_left_in_the_end(step: int) -> None:
    cloud = ScriptedCloud()
    _raise(cloud, Deaths())
    with pytest.raises(Death):
        _take_down(cloud, Deaths(step))
    _take_down(cloud, Deaths())
    assert cloud.summary() == []
    assert _landing(cloud, Deaths()).find_landing_resources(OURS) == ()


def test_parts_are_listed_in_the_order_in_which_they_can_be_made_with_their_outputs() -> None:
    cloud = ScriptedCloud()
    _raise(cloud, Deaths())
    found = _landing(cloud, Deaths()).find_landing_resources(OURS)
    assert [(one.cid, one.kind, one.name, one.outputs) for one in found] == [
        ("network:network-1", "network", "wide", {"wide_id": "network-1"}),
        ("subnet:subnet-2", "subnet", "a", {"a_id": "subnet-2"}),
        ("subnet:subnet-3", "subnet", "b", {"b_id": "subnet-3"}),
        ("group:group-4", "group", "guard", {"guard_id": "group-4"}),
    ]


def test_of_twins_every_process_takes_the_same() -> None:
    cloud = ScriptedCloud()
    first, second = (cloud.add("network", "wide", OWNER) for _ in range(2))
    cloud.things = {second: cloud.things[second], first: cloud.things[first]}
    found = _landing(cloud, Deaths()).create_landing_resource(RESOURCES[0], OWNER)
    assert found.cid == f"network:{first}"
    assert len(cloud.things) == 2


def test_what_belongs_to_another_environment_is_not_listed() -> None:
    cloud = ScriptedCloud()
    cloud.add("network", "wide", OwnerKey(environment=THEIRS, deployment=ENVIRONMENT_ITSELF, action="up"))
    assert _landing(cloud, Deaths()).find_landing_resources(OURS) == ()


def test_what_the_cloud_does_not_show_yet_is_not_made_again() -> None:
    cloud = ScriptedCloud()
    landing = _landing(cloud, Deaths(), LatePart)
    first = landing.create_landing_resource(RESOURCES[0], OWNER)
    cloud.hidden.add("network-1")
    assert landing.create_landing_resource(RESOURCES[0], OWNER) == first
    landing.delete_landing_resource(LandingCid("network:network-1"))
    assert landing.create_landing_resource(RESOURCES[0], OWNER).cid == "network:network-2"


def test_without_such_a_delay_what_is_gone_is_made_again() -> None:
    cloud = ScriptedCloud()
    landing = _landing(cloud, Deaths())
    landing.create_landing_resource(RESOURCES[0], OWNER)
    cloud.things.clear()
    assert landing.create_landing_resource(RESOURCES[0], OWNER).cid == "network:network-2"


def test_a_part_that_another_needs_is_not_shown_yet_or_missing() -> None:
    late = LatePart("network", ScriptedCloud(), Deaths())
    with pytest.raises(TransientError) as shown_late:
        late.need("wide", OURS)
    assert shown_late.value.code == "not-visible-yet"
    with pytest.raises(NotFoundError) as missing:
        ScriptedPart("network", ScriptedCloud(), Deaths()).need("wide", OURS)
    assert missing.value.code == "landing-incomplete"


class _Lost(LatePart):
    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        raise NotFoundError("not-found", "What it needs does not exist.")


def test_what_a_part_needs_may_be_shown_late_too() -> None:
    landing = _landing(ScriptedCloud(), Deaths(), _Lost)
    with pytest.raises(TransientError) as raised:
        landing.create_landing_resource(RESOURCES[0], OWNER)
    assert raised.value.code == "not-visible-yet"


@pytest.mark.parametrize("call", ["create", "delete"])
def test_a_kind_that_the_cloud_does_not_have_is_an_error_that_names_the_known_ones(call: str) -> None:
    landing = _landing(ScriptedCloud(), Deaths())
    with pytest.raises(NotFoundError) as raised:
        if call == "create":
            landing.create_landing_resource(LandingResource(kind="moat", name="m"), OWNER)
        else:
            landing.delete_landing_resource(LandingCid("moat:m"))
    assert (raised.value.code, raised.value.why) == ("unknown-landing-kind", "The kinds are network, subnet, group.")


def test_a_machine_forwards_where_the_cloud_has_a_property_for_it() -> None:
    joined = JoinedParts(network="main", forwards=True)
    landing = ScriptedLanding([])
    with pytest.raises(NotSupportedError, match="landing-part-refused"):
        landing.joined_properties(SPEC, joined)
    assert landing.joined_properties(SPEC, replace(joined, forwards=False)) == {}


@pytest.mark.parametrize("parts", [NetworkParts(route_table="ways"), NetworkParts(nat_gateway="nat")])
def test_a_network_that_names_a_kind_of_part_which_the_cloud_lacks_is_refused(parts: NetworkParts) -> None:
    landing = ScriptedLanding([])
    wanted = ManagedNetwork(name="managed.made.a", cidr="10.77.0.0/24", parts=parts)
    assert landing.managed_network(wanted)[0].entries == part_entries.network_lines(parts)
    with pytest.raises(NotSupportedError, match="landing-part-refused"):
        LackingLanding([]).managed_network(wanted)
