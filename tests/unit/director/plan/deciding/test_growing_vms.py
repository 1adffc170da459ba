"""VMs that stay and get more disks are checked with the most that they have at once."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.preflight import MemoryPreflight
from cpi.contract.values import PreflightRequest
from cpi.kit import judge
from director.model.environments.desired import Desired, DiskSpec
from director.plan import front
from director.plan.deciding import growing_vms
from tests.unit.director.plan import scenes

TWO = {"data": DiskSpec(size_mib=1), "log": DiskSpec(size_mib=1)}


def _desired(disks: Mapping[str, DiskSpec], *, size: str = "small", store: int = 0) -> Desired:
    disk = DiskSpec(size_mib=store) if store else None
    group = replace(scenes.group("db"), named_disks=disks, disk=disk, cloud_properties={"size": size})
    return scenes.deployment(group)


def _growing(before: Desired, after: Desired) -> list[int]:
    deployed = scenes.after(front.make_plan(before, scenes.nothing(), scenes.asked()), scenes.nothing())
    plan = front.make_plan(after, deployed, scenes.asked("run-2"))
    assert plan.actions
    vms = tuple(growing_vms.growing_vms(plan, deployed.state, "only"))
    for vm in vms:
        judge.require_host_name(vm.name)
    return [vm.disk_count for vm in vms]


@pytest.mark.parametrize(
    ("after", "most"),
    [
        ({**TWO, "more": DiskSpec(size_mib=1), "most": DiskSpec(size_mib=1)}, 4),
        ({**TWO, "log": DiskSpec(size_mib=2)}, 3),
        ({"data": DiskSpec(size_mib=2), "log": DiskSpec(size_mib=2)}, 3),
    ],
    ids=["two more", "one replaced", "one after the other replaced"],
)
def test_the_most_disks_at_once_are_counted(after: Mapping[str, DiskSpec], most: int) -> None:
    assert _growing(_desired(TWO), _desired(after)) == [most]


def test_a_disk_on_the_store_that_moves_is_there_twice_for_a_while() -> None:
    assert _growing(_desired({}, store=1), _desired({}, store=2)) == [2]


@pytest.mark.parametrize(
    "after",
    [
        _desired({"data": TWO["data"]}),
        _desired({"data": TWO["data"], "new": TWO["log"]}),
        _desired({**TWO, "more": TWO["log"]}, size="big"),
    ],
    ids=["one less", "another name", "another VM"],
)
def test_a_vm_that_has_no_more_disks_than_before_and_one_that_goes_are_not_among_them(after: Desired) -> None:
    assert _growing(_desired(TWO), after) == []


def test_more_than_the_vm_takes_is_reported() -> None:
    cloud = MemoryCloud()
    most = cloud.rules.max_disks_of_vm
    deployed = scenes.after(front.make_plan(_desired(TWO), scenes.nothing(), scenes.asked()), scenes.nothing())
    many = _desired({f"disk-{number}": DiskSpec(size_mib=1) for number in range(most + 1)})
    plan = front.make_plan(many, deployed, scenes.asked("run-2"))
    growing = tuple(growing_vms.growing_vms(plan, deployed.state, "only"))
    codes = [finding.code for finding in MemoryPreflight(cloud).preflight(PreflightRequest(growing=growing))]
    assert "too-many-disks" in codes
