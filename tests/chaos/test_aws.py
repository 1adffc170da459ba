"""The sweep on AWS's emulator: the director dies at calls of the plugin, and AWS fails; what is there is moto's word.

Sampled: every kind of call that changes EC2 is met when it is done and not on record yet, and a few other boundaries.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import pytest

from cpi.contract.values import NetworkKind
from director.model.environments.desired import GroupNetwork, Network
from tests.chaos import broken, convergence
from tests.chaos.convergence import Scene
from tests.chaos.scenes import demand_done, first_calls, scenes_of, undisturbed
from tests.support import wants
from tests.support.aws import back
from tests.support.aws.faults import NO_ANSWER_AFTER, NO_ANSWER_BEFORE, RESET, THROTTLED, UNAVAILABLE, Rule
from tests.support.aws.simulation import AwsSimulation, in_aws_words
from tests.support.deaths import Death, Deaths
from tests.support.flow import REAL, Command, Rooms, deploying, tearing_down
from tests.support.kit.faults import weather_of

pytestmark = pytest.mark.slow

SMALL, CHANGED = in_aws_words(wants.small()), in_aws_words(wants.small_changed())
WEATHER: Mapping[str, tuple[tuple[Rule, float], ...]] = {
    "throttled": ((THROTTLED, 0.3),),
    "server errors": ((UNAVAILABLE, 0.2),),
    "replies lost": ((NO_ANSWER_BEFORE, 0.08), (NO_ANSWER_AFTER, 0.08), (RESET, 0.08)),
}
EVERY = 90
"""Boundaries that make no call of AWS are swept on the memory cloud; here a few of them."""


def _fresh() -> AwsSimulation:
    return AwsSimulation(seed=7, tears=True)


def scenes(rooms: Rooms = REAL) -> Mapping[str, Scene]:
    return scenes_of(_fresh, SMALL, CHANGED, rooms=rooms)


@pytest.mark.parametrize("name", ["up", "update", "teardown"])
def test_whoever_dies_in_a_call_of_aws_converges_when_started_again(name: str) -> None:
    inputs = scenes()[name]
    expected, passed = undisturbed(inputs)
    assert any(boundary.startswith("aws: after") for boundary in passed)
    problems = []
    for at in first_calls(passed, "aws: after ", every=EVERY):
        problems += convergence.problems_after_death(inputs, at, expected)
    assert problems == []


@pytest.mark.parametrize("weather", WEATHER)
def test_up_update_and_teardown_go_well_in_bad_weather(weather: str) -> None:
    simulation = AwsSimulation(seed=3)
    simulation.emulator.faults.weather = weather_of(Random(3).random, WEATHER[weather])
    for command in (deploying(SMALL), deploying(CHANGED), tearing_down()):
        demand_done(simulation, command)
    assert _left(simulation) == []
    assert len(simulation.emulator.calls()) > 60


def test_what_aws_does_not_show_yet_is_waited_for() -> None:
    simulation = AwsSimulation(seed=5)
    simulation.emulator.front.absences.reads = 3
    simulation.emulator.front.pending_reads = 4
    for command in (deploying(SMALL), tearing_down()):
        demand_done(simulation, command)
    assert _left(simulation) == []


def test_a_reply_lost_at_each_creating_call_makes_no_twin() -> None:
    for operation in ("RunInstances", "CreateVolume", "AttachVolume", "CreateTags"):
        simulation = AwsSimulation(seed=11)
        expected = convergence.Ending(machines=(), disks=(), orphans=0)
        simulation.emulator.faults.add(Rule(action=operation, times=2, trouble=NO_ANSWER_AFTER.trouble))
        demand_done(simulation, deploying(SMALL))
        demand_done(simulation, tearing_down())
        assert convergence.wrongs(simulation, expected) == []
        assert _left(simulation) == []


@pytest.mark.parametrize("operation", ["RunInstances", "AssociateAddress"])
def test_a_public_address_is_put_on_its_vm_though_a_reply_was_lost(operation: str) -> None:
    simulation = AwsSimulation(seed=13)
    address = back.ec2().allocate_address("vpc")
    public = GroupNetwork(name="public", static_ips=(address.public_ip,))
    small = in_aws_words(wants.desired(wants.group("web", 1, wants.job("web"))))
    (web,) = small.groups
    addressed = replace(
        small,
        networks=(*small.networks, Network(name="public", kind=NetworkKind.VIP)),
        groups=(replace(web, networks=(*web.networks, public)),),
    )
    simulation.emulator.front.pending_reads = 4
    simulation.emulator.faults.add(Rule(action=operation, trouble=NO_ANSWER_AFTER.trouble))
    demand_done(simulation, deploying(addressed))
    (instance,) = back.instances()
    assert address.instance is instance
    state = simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT]
    (record,) = state.instances
    assert record.vm is not None
    assert [network.ip for network in record.vm.networks][1:] == [address.public_ip]


def test_no_capacity_stops_at_once_and_the_next_deploy_heals() -> None:
    simulation = AwsSimulation(seed=1)
    message = "We currently do not have sufficient t3.small capacity. You can get it by choosing us-east-1b."
    rule = Rule(action="RunInstances", times=1, code="InsufficientInstanceCapacity", status=500, message=message)
    simulation.emulator.faults.add(rule)
    result = deploying(SMALL)(simulation, Deaths())
    assert result is not None and not result.is_done
    (failure,) = {(failure.code, message in failure.why) for failure in result.failures.values()}
    assert failure == ("no-capacity", True)
    assert _finished(simulation, scenes()["up"].command, _fresh) == []


@pytest.mark.parametrize("is_broken", [True, False])
def test_the_sweep_catches_a_room_that_forgets(is_broken: bool) -> None:
    """Without looking, what a call made is in the cloud and on no record until the next plan finds it."""
    inputs = scenes(broken.FORGETS_WHAT_WAS_DONE if is_broken else REAL)["up"]
    deaths = Deaths(_first(inputs, "aws: after CreateVolume"))
    simulation = inputs.begin()
    assert isinstance(simulation, AwsSimulation)
    with pytest.raises(Death, match="aws: after CreateVolume"):
        inputs.command(simulation, deaths)
    inputs.command(simulation, Deaths())
    left = [
        held
        for held in simulation.emulator.inventory()
        if held.kind == "volume" and held.tags.get("compleat-kind") == "disk"
    ]
    assert (len(left) > 1) is is_broken


def _first(inputs: Scene, boundary: str) -> int:
    return convergence.boundaries_of(inputs).index(boundary) + 1


def _finished(simulation: AwsSimulation, command: Command, begin: Callable[[], AwsSimulation]) -> list[str]:
    simulation.emulator.faults.clear()
    result = command(simulation, Deaths())
    assert result is None or result.is_done
    return convergence.wrongs(simulation, convergence.ending_of(simulation))


def _left(simulation: AwsSimulation) -> list[str]:
    """Whatever of a deployment is there when all was torn down: by kind, roots and interfaces included."""
    kinds = ("instance", "volume", "snapshot", "network-interface", "elastic-ip")
    return [f"{held.kind} {held.id}" for held in simulation.emulator.inventory() if held.kind in kinds]
