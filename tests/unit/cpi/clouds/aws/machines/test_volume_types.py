"""EBS's rules by volume type, at both sides of each limit."""

import pytest

from cpi.clouds.aws.machines.volume_types import TYPES
from cpi.kit import judge
from cpi.kit.judge import Volume


@pytest.mark.parametrize(
    "volume",
    [
        Volume(type="gp3", gib=1),
        Volume(type="gp3", gib=100, iops=3000, throughput=125),
        Volume(type="gp3", gib=100, iops=8000, throughput=2000),
        Volume(type="gp3", gib=160, iops=80000),
        Volume(type="gp2", gib=16384, is_root=True),
        Volume(type="io1", gib=4, iops=200),
        Volume(type="io2", gib=4, iops=4000),
        Volume(type="st1", gib=125),
    ],
    ids=str,
)
def test_what_ebs_takes_is_not_refused(volume: Volume) -> None:
    assert list(judge.volumes([volume], TYPES)) == []


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        (Volume(type="gp3", gib=200, iops=90000), "3000 to 80000"),
        (Volume(type="gp3", gib=200, iops=100), "3000 to 80000"),
        (Volume(type="gp3", gib=10, iops=5001), "500 for each GiB"),
        (Volume(type="gp3", gib=10, throughput=124), "125 to 2000"),
        (Volume(type="gp3", gib=10, throughput=2001), "125 to 2000"),
        (Volume(type="gp3", gib=10, throughput=751), "With 3000 IOPS"),
        (Volume(type="gp2", gib=10, iops=3000), "no IOPS"),
        (Volume(type="gp2", gib=10, throughput=125), "no throughput"),
        (Volume(type="gp2", gib=16385), "1 to 16384"),
        (Volume(type="io1", gib=4, iops=201), "50 for each GiB"),
        (Volume(type="io1", gib=3, iops=100), "4 to 16384"),
        (Volume(type="st1", gib=124), "125 to 16384"),
        (Volume(type="sc1", gib=125, is_root=True), "A VM cannot boot"),
        (Volume(type="standard", gib=1025), "1 to 1024"),
    ],
    ids=str,
)
def test_what_ebs_refuses_is_told_with_its_limit(volume: Volume, why: str) -> None:
    (found,) = judge.volumes([volume], TYPES)
    assert (found.code, why in found.why) == ("volume-setting-invalid", True)
