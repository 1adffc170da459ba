"""Failures on demand, and the log of calls."""

import pytest

from cpi.clouds.memory.calls import Conditions
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.faults import CloudCall, InjectedFault, ListedFaults, RandomFaults
from cpi.contract.errors import (
    CloudError,
    DeniedError,
    LostReplyError,
    NoCapacityError,
    Retry,
    ThrottledError,
    TransientError,
)
from cpi.contract.values import DiskRequest, OwnerKey

REQUEST = DiskRequest(owner=OwnerKey(environment="e", deployment="d", action="a"), size_mib=1)


def cloud_with(*faults: InjectedFault) -> MemoryCloud:
    listed = ListedFaults(by_number=dict(enumerate(faults, start=1)))
    return MemoryCloud(conditions=Conditions(faults=listed))


@pytest.mark.parametrize(
    ("fault", "kind", "retry", "disks"),
    [
        (InjectedFault.THROTTLED, ThrottledError, Retry.SAFE, 0),
        (InjectedFault.TRANSIENT, TransientError, Retry.SAFE, 0),
        (InjectedFault.LOST_BEFORE, LostReplyError, Retry.UNKNOWN, 0),
        (InjectedFault.LOST_AFTER, LostReplyError, Retry.UNKNOWN, 1),
        (InjectedFault.NO_CAPACITY, NoCapacityError, Retry.NEVER, 0),
        (InjectedFault.DENIED, DeniedError, Retry.NEVER, 0),
    ],
)
def test_a_fault_says_if_a_retry_is_safe_and_leaves_what_it_says(
    fault: InjectedFault, kind: type[CloudError], retry: Retry, disks: int
) -> None:
    cloud = cloud_with(fault)
    with pytest.raises(kind) as raised:
        cloud.create_disk(REQUEST)
    assert raised.value.retry is retry
    assert len(cloud.inventory().disks) == disks
    cloud.create_disk(REQUEST)
    assert len(cloud.inventory().disks) == 1


def test_every_call_is_logged_in_order_with_its_subject() -> None:
    cloud = cloud_with(InjectedFault.DENIED)
    with pytest.raises(DeniedError):
        cloud.create_disk(REQUEST)
    cloud.has_disk(cloud.create_disk(REQUEST))
    assert cloud.gate.log == (
        CloudCall(number=1, method="create_disk", subject="a"),
        CloudCall(number=2, method="create_disk", subject="a"),
        CloudCall(number=3, method="has_disk", subject="disk-1"),
    )


def test_random_faults_come_with_their_share_and_spare_reads_when_asked() -> None:
    chances = iter([0.1, 0.25, 0.6, 0.1])
    faults = RandomFaults(
        random=lambda: next(chances),
        shares={InjectedFault.DENIED: 0.2, InjectedFault.THROTTLED: 0.3},
        is_sparing_reads=True,
    )
    with pytest.raises(DeniedError):
        faults.before(CloudCall(number=1, method="create_vm", subject=""))
    with pytest.raises(ThrottledError):
        faults.before(CloudCall(number=2, method="create_vm", subject=""))
    faults.before(CloudCall(number=3, method="create_vm", subject=""))
    faults.before(CloudCall(number=4, method="find_vms", subject=""))


def test_time_is_asked_of_the_model_and_told_to_the_clock() -> None:
    spent: list[float] = []
    cloud = MemoryCloud(
        conditions=Conditions(latency_s=lambda call: 30.0 if call.method == "create_disk" else 0.5, spend=spent.append)
    )
    cloud.create_disk(REQUEST)
    cloud.has_disk(cloud.inventory().disks[0].cid)
    assert spent == [30.0, 0.5]
