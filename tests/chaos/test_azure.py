"""The sweep on Azure's stand-in: the director dies at calls of the plugin, and Azure fails; its store is the judge.

azure-core's pipeline is real, the sockets are not: `test_azure_faults.py` has those, over TLS. Sampled: a director
dies before and after each kind of call that changes Azure, when it is first made, and at a few other boundaries; each
trouble meets each kind of call once.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

import pytest

from cpi.clouds.azure.wire.signatures import CONTAINER
from tests.chaos import broken, convergence, scenes
from tests.chaos.convergence import Ending, Scene
from tests.support import wants
from tests.support.azure.answers import Call, Request
from tests.support.azure.faults import Act, Rule, throttled
from tests.support.azure.simulation import READS, AzureSimulation, in_azure_words, kind_of
from tests.support.deaths import Death, Deaths
from tests.support.flow import REAL, Command, Rooms, deploying, tearing_down
from tests.support.kit.faults import weather_of

SMALL, CHANGED = in_azure_words(wants.small()), in_azure_words(wants.small_changed())
LIFE: Mapping[str, Command] = {"up": deploying(SMALL), "update": deploying(CHANGED), "teardown": tearing_down()}
EVERY = 60
"""Boundaries that make no call of Azure are swept on the memory cloud; here a few of them."""

CALLS = (
    "PUT networkInterfaces",
    "PUT virtualMachines",
    "PUT disks",
    "PATCH virtualMachines",
    "PATCH disks",
    "DELETE virtualMachines",
    "DELETE disks",
)
KEY_CALLS, BLOB_CALLS = ("POST storageAccounts", "PUT storageAccounts"), ("HEAD blobs", "PUT blobs")
"""The calls that store packages: the account's key is requested, a container created; then the key signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What happens to one call. `codes` are those that a run may fail with then; `is_fatal`: it must."""

    rule: Callable[[], Rule]
    codes: frozenset[str] = frozenset()
    is_fatal: bool = False


def _failed(code: str) -> Callable[[], Rule]:
    return lambda: Rule(path="", act=Act.FAILED, code=code, message="it ended so")


TROUBLES: Mapping[str, Trouble] = {
    "answer lost": Trouble(rule=lambda: Rule(path="", act=Act.LOST)),
    "connection reset": Trouble(rule=lambda: Rule(path="", act=Act.RESET)),
    "name not resolved": Trouble(rule=lambda: Rule(path="", act=Act.UNREACHABLE)),
    "server error": Trouble(rule=lambda: Rule(path="", status=500)),
    "operation failed": Trouble(
        rule=_failed("InternalExecutionError"), codes=frozenset({"operation-failed"}), is_fatal=True
    ),
    "no capacity": Trouble(rule=_failed("AllocationFailed"), codes=frozenset({"no-capacity"}), is_fatal=True),
    "operation stuck": Trouble(
        rule=lambda: Rule(path="", act=Act.STUCK), codes=frozenset({"operation-unfinished", "not-ready-yet"})
    ),
    "token expired": Trouble(
        rule=lambda: Rule(path="", status=401, code="ExpiredAuthenticationToken"),
        codes=frozenset({"credentials-refused"}),
        is_fatal=True,
    ),
    "permission lost": Trouble(
        rule=lambda: Rule(path="", status=403, code="AuthorizationFailed"),
        codes=frozenset({"not-authorized"}),
        is_fatal=True,
    ),
}

STORING_TROUBLES: Mapping[str, tuple[tuple[str, ...], Trouble]] = {
    **{
        name: ((*KEY_CALLS, *BLOB_CALLS), TROUBLES[name])
        for name in ("answer lost", "connection reset", "name not resolved", "server error", "permission lost")
    },
    "token expired": (KEY_CALLS, TROUBLES["token expired"]),
    "key changed": (
        BLOB_CALLS,
        Trouble(
            rule=lambda: Rule(path="", status=403, code="AuthenticationFailed"),
            codes=frozenset({"storage-signature-refused"}),
            is_fatal=True,
        ),
    ),
}
"""Which calls meet it, and what comes of it."""

WEATHER: Mapping[str, tuple[tuple[Rule, float], ...]] = {
    "throttled": ((throttled(after_s=1), 0.3),),
    "server errors": ((Rule(path="", status=503, code="ServerTimeout"), 0.15),),
    "replies lost": ((Rule(path="", act=Act.LOST), 0.08), (Rule(path="", act=Act.RESET), 0.08)),
    "names not resolved": ((Rule(path="", act=Act.UNREACHABLE), 0.15),),
}
"""What each call may meet, and its share of chance."""


def _fresh() -> AzureSimulation:
    return AzureSimulation(seed=7, tears=True)


def _scenes(rooms: Rooms = REAL) -> Mapping[str, Scene]:
    return scenes.scenes_of(_fresh, SMALL, CHANGED, rooms=rooms)


@pytest.fixture(scope="module")
def endings() -> Mapping[str, Ending]:
    """How each command of a life ends when nothing goes wrong."""
    simulation = _fresh()
    found = {}
    for name, command in LIFE.items():
        scenes.demand_done(simulation, command)
        found[name] = convergence.ending_of(simulation)
    assert {*CALLS, *KEY_CALLS, "PUT blobs"} == {
        _words(call.request.method, call.request.path) for call in _changes(simulation)
    }
    return found


@pytest.mark.parametrize("name", ["up", "update", "teardown"])
def test_whoever_dies_in_a_call_of_azure_converges_when_started_again(name: str) -> None:
    inputs = _scenes()[name]
    expected, passed = scenes.undisturbed(inputs)
    swept = scenes.first_calls(passed, "azure: ", every=EVERY)
    assert len(swept) >= 8
    problems = []
    for at in swept:
        problems += convergence.problems_after_death(inputs, at, expected)
    assert problems == []


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_at_any_call_is_overcome_or_told_at_once(trouble: str, endings: Mapping[str, Ending]) -> None:
    for call in CALLS:
        simulation = _fresh()
        strike = Strike(call=call, rule=TROUBLES[trouble].rule)
        simulation.arm_faults.weather = strike
        codes = [code for name, command in LIFE.items() for code in _ended(simulation, command, endings[name])]
        assert strike.has_struck, f"nothing made the call {call}"
        assert set(codes) <= TROUBLES[trouble].codes, call
        assert codes or not TROUBLES[trouble].is_fatal, call
        assert _left(simulation) == [], call


def test_what_a_vm_that_never_came_left_behind_goes_though_its_deletion_is_cut_short(
    endings: Mapping[str, Ending],
) -> None:
    simulation = _fresh()
    simulation.arm_faults.rules = [Rule(path="networkInterfaces", method="PUT", act=Act.STUCK)]
    result = LIFE["up"](simulation, Deaths())
    assert result is not None and {failure.code for failure in result.failures.values()} == {"not-ready-yet"}
    _end_what_is_stuck(simulation)
    assert len(_left(simulation)) > 1
    rule = Rule(path="networkInterfaces", method="DELETE", act=Act.RESET)
    simulation.arm_faults.rules = [rule]
    codes = list(_ended(simulation, LIFE["teardown"], endings["teardown"]))
    assert (codes, rule.times, _left(simulation)) == ([], 0, [])


@pytest.mark.parametrize("trouble", STORING_TROUBLES)
def test_trouble_with_storing_packages_is_overcome_or_told_at_once(trouble: str, endings: Mapping[str, Ending]) -> None:
    """No such call starts an operation that could fail later."""
    calls, its = STORING_TROUBLES[trouble]
    for call in calls:
        simulation = _fresh()
        strike = Strike(call=call, rule=its.rule)
        simulation.arm_faults.weather = strike
        codes = [code for name in ("up", "update") for code in _ended(simulation, LIFE[name], endings[name])]
        assert strike.has_struck, f"nothing made the call {call}"
        assert set(codes) == its.codes, call
        assert _stored(simulation), call
        assert [event.text for event in simulation.watcher.events if event.text.startswith("sending ")] == [], call


@pytest.mark.parametrize("weather", WEATHER)
def test_up_update_and_teardown_go_well_in_bad_weather(weather: str, endings: Mapping[str, Ending]) -> None:
    simulation = AzureSimulation(seed=3)
    simulation.arm_faults.weather = weather_of(Random(3).random, WEATHER[weather])
    codes = [code for name, command in LIFE.items() for code in _ended(simulation, command, endings[name])]
    assert set(codes) <= {"server-error", "cloud-unreachable", "reply-lost"}
    assert _left(simulation) == []
    assert len(simulation.log.calls()) > 100


def test_no_capacity_stops_at_once_and_the_next_deploy_heals(endings: Mapping[str, Ending]) -> None:
    simulation = _fresh()
    rule = Rule(
        method="PUT", path="virtualMachines", act=Act.FAILED, code="ZonalAllocationFailed", message="no room in zone 1"
    )
    simulation.arm_faults.rules = [rule]
    result = LIFE["up"](simulation, Deaths())
    assert result is not None and not result.is_done
    (failure,) = {(failure.code, "no room in zone 1" in failure.why) for failure in result.failures.values()}
    assert failure == ("no-capacity", True)
    assert list(_ended(simulation, LIFE["up"], endings["up"])) == []


@pytest.mark.parametrize("is_broken", [True, False])
def test_the_sweep_catches_a_room_that_forgets(is_broken: bool) -> None:
    """Without looking, what a call made is in the cloud and on no record until the next plan finds it."""
    inputs = _scenes(broken.FORGETS_WHAT_WAS_DONE if is_broken else REAL)["up"]
    boundary = "azure: after PUT disks"
    simulation = inputs.begin()
    with pytest.raises(Death, match=boundary):
        inputs.command(simulation, Deaths(convergence.boundaries_of(inputs).index(boundary) + 1))
    inputs.command(simulation, Deaths())
    assert (len(simulation.cloud.inventory().disks) > 1) is is_broken


@dataclass(slots=True)
class Strike:
    """Meets the first call of its kind, once."""

    call: str
    rule: Callable[[], Rule]
    has_struck: bool = field(default=False, init=False)

    def __call__(self, call: Request) -> Rule | None:
        if self.has_struck or _words(call.method, call.path) != self.call:
            return None
        self.has_struck = True
        return self.rule()


def _ended(simulation: AzureSimulation, command: Command, expected: Ending) -> Iterator[str]:
    """The codes that runs failed with until the command was done and all is as it should be."""
    for _ in range(convergence.MOST_TRIES):
        result = command(simulation, Deaths())
        if result is None or result.is_done:
            assert convergence.wrongs(simulation, expected) == []
            return
        assert all(failure.why for failure in result.failures.values()), "a failure says why"
        yield from {failure.code for failure in result.failures.values()}
        _end_what_is_stuck(simulation)
    raise AssertionError(f"not done after {convergence.MOST_TRIES} runs")


def _end_what_is_stuck(simulation: AzureSimulation) -> None:
    """Azure comes round in the end: what was under way is done."""
    for operation in simulation.place.store.operations.values():
        if operation.left is None:
            operation.left = 1


def _words(method: str, path: str) -> str:
    return f"{method} {kind_of(path)}"


def _changes(simulation: AzureSimulation) -> list[Call]:
    return [call for call in simulation.log.calls() if call.request.method not in READS]


def _left(simulation: AzureSimulation) -> list[str]:
    """Whatever of a deployment is there when all was torn down: roots and interfaces included."""
    kinds = ("virtualMachines", "disks", "snapshots", "networkInterfaces", "publicIPAddresses")
    return [str(one["id"]) for one in simulation.place.store.inventory() if str(one["type"]).split("/")[-1] in kinds]


def _stored(simulation: AzureSimulation) -> set[str]:
    """The names of all blobs in the account; each is named by its content."""
    (account,) = simulation.held_blobs.accounts.values()
    blobs = account.containers[CONTAINER]
    assert {f"sha256/{hashlib.sha256(content).hexdigest()}" for content in blobs.values()} == set(blobs)
    return set(blobs)
