"""What the cloud says of VMs that fall silent."""

from dataclasses import replace

import pytest

from cpi.clouds.memory.calls import Conditions
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, DeniedError, TransientError
from cpi.contract.values import OwnerKey, VmCid
from director.execute.steps import vm_reachability
from director.execute.steps.vm_reachability import VmReachability
from tests.contract.cloud.subjects import ENVIRONMENT, prepare
from tests.support.refusing import Refusing


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        ("", VmReachability.RUNNING),
        ("web", VmReachability.STOPPED),
        ("jumpbox", VmReachability.JUMPBOX_DOWN),
    ],
)
def test_a_vm_runs_or_is_off_or_is_cut_off_without_its_jumpbox(off: str, expected: VmReachability) -> None:
    cloud = MemoryCloud()
    subject = prepare(connect_cloud(cloud))
    requests = {name: subject.vm_request(name, last=last) for name, last in (("web", 10), ("jumpbox", 11))}
    jumpbox = replace(requests["jumpbox"], owner=OwnerKey(environment=ENVIRONMENT, deployment="jumpbox", action="j"))
    cids = {"web": cloud.create_vm(requests["web"]).cid, "jumpbox": cloud.create_vm(jumpbox).cid}
    if off:
        cloud.stop_vm(cids[off])
    reported = vm_reachability.reachability_of(
        subject.connected, cids["web"], environment=ENVIRONMENT, jumpbox="jumpbox"
    )
    assert reported is expected


def test_where_there_is_no_jumpbox_nobody_asks_for_one() -> None:
    cloud = MemoryCloud()
    subject = prepare(connect_cloud(cloud))
    cid = cloud.create_vm(subject.vm_request("web")).cid
    assert (
        vm_reachability.reachability_of(subject.connected, cid, environment=ENVIRONMENT, jumpbox="")
        is VmReachability.RUNNING
    )
    gone = vm_reachability.reachability_of(subject.connected, VmCid("vm-none"), environment=ENVIRONMENT, jumpbox="")
    assert gone is VmReachability.GONE


def test_a_cloud_that_cannot_find_says_at_least_whether_the_vm_is_there() -> None:
    cloud = MemoryCloud()
    subject = prepare(connect_cloud(cloud))
    blind = replace(subject.connected, finder=None)
    cid = cloud.create_vm(subject.vm_request("web")).cid
    reported = [
        vm_reachability.reachability_of(blind, each, environment=ENVIRONMENT, jumpbox="jumpbox")
        for each in (cid, VmCid("vm-none"))
    ]
    assert reported == [VmReachability.EXISTS, VmReachability.GONE]


def test_a_vm_that_no_list_shows_yet_is_there_if_the_cloud_says_so() -> None:
    cloud = MemoryCloud()
    subject = prepare(connect_cloud(cloud))
    cid = cloud.create_vm(subject.vm_request("web")).cid
    late = replace(subject.connected, finder=MemoryCloud())
    reported = [
        vm_reachability.reachability_of(late, each, environment=ENVIRONMENT, jumpbox="")
        for each in (cid, VmCid("vm-none"))
    ]
    assert reported == [VmReachability.EXISTS, VmReachability.GONE]


def test_a_cloud_that_is_down_says_nothing_and_one_that_refuses_says_why() -> None:
    down = _find_vms_ends_in(TransientError("busy", "The cloud is busy."))
    assert (
        vm_reachability.reachability_of(down, VmCid("vm-1"), environment=ENVIRONMENT, jumpbox="")
        is VmReachability.UNKNOWN
    )
    refusing = _find_vms_ends_in(DeniedError("login-expired", "The login has expired."))
    with pytest.raises(DeniedError) as raised:
        vm_reachability.reachability_of(refusing, VmCid("vm-1"), environment=ENVIRONMENT, jumpbox="")
    assert raised.value.code == "login-expired"


def _find_vms_ends_in(error: CloudError) -> ConnectedCloud:
    return connect_cloud(MemoryCloud(conditions=Conditions(faults=Refusing("find_vms", error))))
