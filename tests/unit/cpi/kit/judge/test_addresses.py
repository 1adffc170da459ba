"""Addresses that a plan wants against subnets and holders."""

from dataclasses import replace

import pytest

from cpi.kit import judge
from cpi.kit.judge import SubnetFacts, WantedInterface
from cpi.kit.ranges import Range

SUBNET = SubnetFacts(name="Subnet s", ranges=("10.0.0.0/29",), free=2, first=4, last=1)
WEB = WantedInterface(vm="web", network="main", subnet="s", address="10.0.0.5")
POOL = replace(SUBNET, first=0, last=0, free=0, is_shared_out=False)


def _codes(*wanted: WantedInterface, subnet: SubnetFacts = SUBNET, held: str = "") -> list[str]:
    holders = {("s", held): "i-1"} if held else {}
    return [finding.code for finding in judge.addresses(wanted, {"s": subnet}, holders)]


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("10.0.0.4", []),
        ("10.0.0.6", []),
        ("10.0.0.3", ["address-reserved"]),
        ("10.0.0.7", ["address-reserved"]),
        ("10.0.1.4", ["address-outside-network"]),
    ],
)
def test_the_cloud_s_own_addresses_and_those_outside_are_refused(address: str, codes: list[str]) -> None:
    assert _codes(replace(WEB, address=address)) == codes


def test_a_single_address_that_the_cloud_keeps_is_refused_with_its_use() -> None:
    kept = replace(POOL, kept={"10.0.0.1": "the gateway of subnet s"})
    (found,) = judge.placed(replace(WEB, address="10.0.0.1"), kept)
    assert (found.code, found.why) == ("address-reserved", "It is the gateway of subnet s.")
    assert "`reserved: [10.0.0.1]`" in found.fix
    assert list(judge.placed(WEB, kept)) == []


def test_an_address_is_somebody_s_or_asked_for_twice() -> None:
    assert _codes(WEB, held="10.0.0.5") == ["address-taken"]
    assert _codes(WEB, held="10.0.0.6") == []
    assert _codes(WEB, replace(WEB, vm="db")) == ["address-asked-twice"]


def test_a_subnet_is_full_by_what_is_free_and_a_pool_by_those_without_an_address() -> None:
    free = replace(WEB, address="")
    assert _codes(WEB, free) == []
    assert _codes(WEB, free, free) == ["subnet-full"]
    assert _codes(WEB, subnet=POOL) == []
    assert _codes(WEB, free, subnet=POOL) == ["subnet-full"]


def test_interfaces_elsewhere_are_not_judged() -> None:
    assert _codes(replace(WEB, subnet="other")) == []


def test_ranges_overlap_each_other_or_what_is_there() -> None:
    one, two = Range(name="a", cidr="10.0.0.0/24"), Range(name="b", cidr="10.0.0.128/25")
    assert [found.code for found in judge.overlaps([one], [two])] == ["ranges-overlap"]
    assert list(judge.overlaps([one], [Range(name="c", cidr="10.0.1.0/24")])) == []
