"""AWS's credentials run out, its names do not resolve, its connections are reset: in the middle, at each call.

A command converges, or fails at once and says why; the same command heals it. What is there is moto's word.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from cpi.contract.errors import CloudError, Retry
from cpi.contract.values import NetworkKind, NetworkSettings, OwnerQuery, VmCid
from director.execute.execution import RunResult
from tests.chaos import convergence
from tests.chaos.scenes import expected_ending
from tests.chaos.test_aws import scenes
from tests.contract.cloud.clouds import CLOUDS
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import shared
from tests.support.aws.faults import NO_ANSWER_BEFORE, RESET, Rule
from tests.support.aws.simulation import AwsSimulation
from tests.support.deaths import Deaths

pytestmark = pytest.mark.slow

_T = TypeVar("_T")
_FOR_EVER = 10**6
_EXPIRED = Rule(
    action="*",
    times=_FOR_EVER,
    code="ExpiredToken",
    status=400,
    message="The security token included in the request is expired",
)
_MOST_CHANGES_AFTER = 5
"""What was under way when the credentials ran out is refused, too, one call for each VM; nothing is tried again."""
_MOST_CALLS_AFTER = 8
"""With one question about each VM that boots meanwhile."""


def _expire(simulation: AwsSimulation, at: int) -> None:
    simulation.emulator.faults.add(replace(_EXPIRED, skip=at))


def _lose_names(simulation: AwsSimulation, at: int) -> None:
    simulation.names.holds, simulation.names.fails = at, _FOR_EVER


TROUBLES: Mapping[str, tuple[Callable[[AwsSimulation, int], None], str]] = {
    "expired": (_expire, "credentials-expired"),
    "nameless": (_lose_names, "cloud-unreachable"),
}


CUTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("up", "expired"): ("DescribeImages", "RunInstances", "CreateVolume", "TerminateInstances"),
    ("update", "expired"): ("DetachVolume",),
    ("teardown", "expired"): ("DeleteVolume",),
    ("up", "nameless"): ("DescribeInstances", "RunInstances"),
}
"""At the first of which calls a scene is cut off."""


@pytest.mark.parametrize(("name", "trouble"), CUTS)
def test_out_of_reach_from_a_call_on_a_command_fails_with_the_reason_and_the_next_one_heals(
    name: str, trouble: str
) -> None:
    inputs = scenes()[name]
    expected = expected_ending(inputs)
    plant, code = TROUBLES[trouble]
    problems, calls = [], _calls_of(inputs)
    for call in CUTS[name, trouble]:
        at = calls.index(call)
        simulation = inputs.begin()
        assert isinstance(simulation, AwsSimulation)
        before = len(simulation.emulator.calls())
        plant(simulation, at)
        reported = _reported(inputs, simulation)
        assert reported == {code}, f"out of reach from {call} on"
        if trouble == "expired":
            after = simulation.emulator.calls()[before + at :]
            assert len(after) <= _MOST_CALLS_AFTER
            assert len([one for one in after if not one.startswith("Describe")]) <= _MOST_CHANGES_AFTER
        simulation.emulator.faults.clear()
        simulation.names.fails = 0
        problems += [f"from {call} on: {one}" for one in convergence.finish(inputs, simulation, expected)]
    assert problems == []


def test_a_name_that_does_not_resolve_for_a_while_is_waited_for() -> None:
    inputs = scenes()["up"]
    expected = expected_ending(inputs)
    for at in (2, 6):
        simulation = inputs.begin()
        assert isinstance(simulation, AwsSimulation)
        simulation.names.holds, simulation.names.fails = at, 4
        result = inputs.command(simulation, Deaths())
        assert result is not None and result.failures == {}
        assert (simulation.names.fails, convergence.finish(inputs, simulation, expected)) == (0, [])


@pytest.mark.parametrize("trouble", [NO_ANSWER_BEFORE, RESET], ids=["reset before", "reset after"])
def test_a_vms_life_converges_whatever_connection_is_reset(trouble: Rule, tmp_path: Path) -> None:
    subject = CLOUDS["aws"](tmp_path)
    emulator = shared.same_emulator()
    vip = _public(subject)
    calls, nothing = _life(subject, vip), subject.held()
    for at, call in enumerate(calls):
        rule = replace(trouble, skip=at)
        emulator.faults.add(rule)
        _live(subject, vip, f"a{at}")
        emulator.faults.clear()
        assert rule.times == 0, "nothing was tried"
        assert (subject.held(), _machines(subject)) == (nothing, []), f"after a reset at {call}"
    assert len(calls) >= 18


def test_credentials_that_ran_out_at_any_call_of_a_vms_life_are_said_and_new_ones_go_on(tmp_path: Path) -> None:
    subject = CLOUDS["aws"](tmp_path)
    emulator = shared.same_emulator()
    vip = _public(subject)
    calls, nothing = _life(subject, vip), subject.held()
    for at, call in enumerate(calls):
        emulator.faults.add(replace(_EXPIRED, skip=at))
        with pytest.raises(CloudError) as raised:
            _live(subject, vip, f"a{at}")
        assert (raised.value.code, raised.value.retry) == ("credentials-expired", Retry.NEVER), call
        emulator.faults.clear()
        _delete_found(subject)
        _live(subject, vip, f"b{at}")
        assert (subject.held(), _machines(subject)) == (nothing, []), f"after the credentials ran out at {call}"


def _reported(inputs: convergence.Scene, simulation: AwsSimulation) -> set[str]:
    """The failures reported to the user; each gives the reason of AWS or of the network."""
    try:
        result: RunResult | None = inputs.command(simulation, Deaths())
    except CloudError as error:
        assert error.why
        return {error.code}
    assert result is not None
    assert all(failure.why for failure in result.failures.values())
    return {failure.code for failure in result.failures.values()}


def _calls_of(inputs: convergence.Scene) -> list[str]:
    """The calls that the command makes when nothing is wrong."""
    simulation = inputs.begin()
    assert isinstance(simulation, AwsSimulation)
    before = len(simulation.emulator.calls())
    inputs.command(simulation, Deaths())
    return simulation.emulator.calls()[before:]


def _public(subject: Subject) -> NetworkSettings:
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    address = next(one.outputs["jumpbox_public_ip"] for one in landed if "jumpbox_public_ip" in one.outputs)
    return NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)


def _life(subject: Subject, vip: NetworkSettings) -> list[str]:
    """The calls of a life, once what stays is remembered."""
    _live(subject, vip, "first")
    before = len(shared.same_emulator().calls())
    _live(subject, vip, "second")
    return shared.same_emulator().calls()[before:]


def _delete_found(subject: Subject) -> None:
    """What the next plan does: what a call left behind is found by its owner, and goes."""
    cloud, finder, query = subject.connected.cloud, subject.finder, OwnerQuery(environment=ENVIRONMENT)
    for vm in finder.find_vms(query):
        cloud.delete_vm(vm.created.cid)
    for snapshot in finder.find_snapshots(query):
        cloud.delete_snapshot(snapshot.cid)
    for disk in finder.find_disks(query):
        cloud.delete_disk(disk.cid)


def _live(subject: Subject, vip: NetworkSettings, action: str) -> None:
    """A VM with a public address and a disk, from birth to death."""
    cloud, request = subject.connected.cloud, subject.vm_request(action)
    request = replace(request, networks=(*request.networks, vip))
    vm: VmCid = _again(lambda: cloud.create_vm(request)).cid
    disk = _again(lambda: cloud.create_disk(replace(subject.disk_request(f"{action}-disk"), vm_cid=vm)))
    _again(lambda: cloud.attach_disk(vm, disk))
    snapshot = _again(lambda: cloud.snapshot_disk(disk, subject.owner(f"{action}-snapshot")))
    _again(lambda: cloud.set_vm_metadata(vm, {"job": "web"}))
    _again(lambda: cloud.reboot_vm(vm))
    _again(lambda: cloud.detach_disk(vm, disk))
    _again(lambda: cloud.delete_snapshot(snapshot))
    _again(lambda: cloud.delete_vm(vm))
    _again(lambda: cloud.resize_disk(disk, 2048))
    _again(lambda: cloud.delete_disk(disk))


def _again(call: Callable[[], _T]) -> _T:
    for _ in range(5):
        try:
            return call()
        except CloudError as error:
            if error.retry is Retry.NEVER:
                raise
    raise AssertionError("it did not converge")


def _machines(subject: Subject) -> list[str]:
    return [one.id for one in shared.same_emulator().inventory() if one.kind in ("instance", "network-interface")]
