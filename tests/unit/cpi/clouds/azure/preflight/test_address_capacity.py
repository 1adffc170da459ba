"""Addresses that a plan wants, against subnets that are there."""

from cpi.clouds.azure.preflight import address_capacity
from cpi.clouds.azure.preflight.address_capacity import PlannedAddress
from cpi.contract.values import NetworkKind, NetworkSettings

_SUBNETS = {"/small": {"name": "small", "properties": {"addressPrefix": "10.9.0.0/29"}}}


def _wanted(ip: str, *, subnet_id: str = "/small") -> PlannedAddress:
    kind = NetworkKind.MANUAL if ip else NetworkKind.DYNAMIC
    return PlannedAddress(vm="web", network=NetworkSettings(name="small", kind=kind, ip=ip), subnet_id=subnet_id)


def _codes(*wanted: PlannedAddress, staying: int = 0) -> list[str]:
    return [finding.code for finding in address_capacity.check(wanted, _SUBNETS, {"/small": staying})]


def test_a_subnet_takes_what_it_has_and_no_more() -> None:
    assert _codes(_wanted("10.9.0.4"), _wanted(""), _wanted("")) == []
    assert _codes(_wanted("10.9.0.4"), _wanted(""), _wanted(""), _wanted("")) == ["subnet-full"]
    assert _codes(_wanted(""), _wanted(""), staying=2) == ["subnet-full"]


def test_addresses_of_ipv6_take_none_of_ipv4() -> None:
    dual = {"name": "dual", "properties": {"addressPrefixes": ["fd00:9::/64", "10.9.0.0/29"]}}
    wanted = [_wanted(ip, subnet_id="/dual") for ip in ("10.9.0.4", "fd00:9::4", "10.9.0.5", "fd00:9::5", "10.9.0.6")]
    assert address_capacity.check(wanted, {"/dual": dual}, {}) == []
    found = address_capacity.check([*wanted, *wanted[:2], _wanted("fd00:9::3", subnet_id="/dual")], {"/dual": dual}, {})
    assert [one.code for one in found] == [
        "address-reserved",
        "address-asked-twice",
        "address-asked-twice",
        "subnet-full",
    ]


def test_the_first_four_addresses_and_the_last_are_azures() -> None:
    reported = {last: _codes(_wanted(f"10.9.0.{last}")) for last in range(8)}
    assert reported == {last: ["address-reserved"] if last in (0, 1, 2, 3, 7) else [] for last in range(8)}


def test_an_address_outside_or_asked_for_twice_is_told() -> None:
    assert _codes(_wanted("10.9.1.4")) == ["address-outside-network"]
    assert _codes(_wanted("10.9.0.4"), _wanted("10.9.0.4")) == ["address-asked-twice"]


def test_a_subnet_that_is_not_there_and_that_nobody_makes_is_told_once() -> None:
    assert _codes(*[_wanted("", subnet_id="/new")] * 9) == ["unknown-subnet"]
