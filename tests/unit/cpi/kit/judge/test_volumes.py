"""Disks against what their types let one choose, at both sides of each limit."""

from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError
from cpi.kit import judge
from cpi.kit.judge import Volume, VolumeRule, VolumeTypes

RULE = VolumeRule(gib=(2, 9), iops=(100, 900), throughput=(10, 90), per_gib=50, usual_iops=200, iops_per_mib=4)
TYPES = VolumeTypes(
    where="The cloud",
    setting="`type`",
    rules={
        "fast": RULE,
        "paid": replace(RULE, usual_iops=0),
        "slow": VolumeRule(can_be_root=False),
    },
)
FAST = Volume(type="fast", gib=9)


@pytest.mark.parametrize(
    "volume",
    [
        FAST,
        replace(FAST, gib=2, iops=100),
        replace(FAST, iops=450),
        replace(FAST, iops=400, throughput=90),
        replace(FAST, throughput=50),
        replace(FAST, gib=0),
        Volume(type="slow", gib=99999),
    ],
    ids=str,
)
def test_what_a_type_takes_is_not_refused(volume: Volume) -> None:
    assert list(judge.volumes([volume], TYPES)) == []


@pytest.mark.parametrize(
    ("volume", "code", "why"),
    [
        (replace(FAST, type="fats"), "unknown-volume-type", "It has fast, paid, slow."),
        (replace(FAST, gib=10), "volume-setting-invalid", "The cloud allows 2 to 9 GiB of this type."),
        (replace(FAST, gib=1), "volume-setting-invalid", "The cloud allows 2 to 9 GiB of this type."),
        (replace(FAST, iops=99), "volume-setting-invalid", "The cloud allows 100 to 900 for this type."),
        (replace(FAST, iops=451), "volume-setting-invalid", "allows 50 for each GiB of this type: 450."),
        (replace(FAST, throughput=91), "volume-setting-invalid", "The cloud allows 10 to 90 MiB/s."),
        (replace(FAST, throughput=51), "volume-setting-invalid", "With 200 IOPS, The cloud allows 50 MiB/s."),
        (Volume(type="slow", gib=5, iops=1), "volume-setting-invalid", "The cloud has no IOPS setting for this type."),
        (
            Volume(type="slow", gib=5, throughput=1),
            "volume-setting-invalid",
            "has no throughput setting for this type.",
        ),
        (Volume(type="slow", gib=5, is_root=True), "volume-setting-invalid", "A VM cannot boot from a volume"),
        (Volume(type="paid", gib=5), "volume-iops-missing", "The cloud requires IOPS for this type."),
    ],
    ids=str,
)
def test_what_a_type_refuses_is_told_with_its_limit(volume: Volume, code: str, why: str) -> None:
    (found,) = judge.volumes([volume, volume], TYPES)
    assert (found.code, why in found.why) == (code, True)


@pytest.mark.parametrize(("size_mib", "gib"), [(1, 1), (1024, 1), (1025, 2), (4096, 4)])
def test_a_disk_is_as_many_whole_gib_as_hold_it(size_mib: int, gib: int) -> None:
    assert judge.whole_gib(size_mib, cloud="AWS", most_gib=4) == gib


@pytest.mark.parametrize(("size_mib", "most_gib"), [(0, None), (-1, 4), (4097, 4)])
def test_a_disk_of_no_size_or_too_large_is_refused(size_mib: int, most_gib: int | None) -> None:
    with pytest.raises(CloudError) as raised:
        judge.whole_gib(size_mib, cloud="AWS", most_gib=most_gib)
    assert (raised.value.code, raised.value.what) == (
        "disk-size-invalid",
        f"AWS does not support a disk of {size_mib} MiB.",
    )
