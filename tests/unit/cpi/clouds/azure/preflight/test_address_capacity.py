"""Addresses that a plan wants, against subnets that are there."""

from cpi.clouds.azure.preflight import address_capacity
from cpi.clouds.azure.preflight.address_capacity import PlannedInterface
from cpi.contract.values import NetworkKind, NetworkSettings

_SUBNETS = {"/small": {"name": "small", "properties": {"addressPrefix": "10.9.0.0/29"}}}


def _wanted(ip: str, *, subnet_id: str = "/small") -> PlannedInterface:
    kind = NetworkKind.MANUAL if ip else NetworkKind.DYNAMIC
    return PlannedInterface(vm="web", network=NetworkSettings(name="small", kind=kind, ip=ip), subnet_id=subnet_id)


def _codes(*wanted: PlannedInterface, staying: int = 0) -> list[str]:
    return [finding.code for finding in address_capacity.check(wanted, _SUBNETS, {"/small": staying})]


def test_a_subnet_takes_what_it_has_and_no_more() -> None:
    assert _codes(_wanted("10.9.0.4"), _wanted(""), _wanted("")) == []
    assert _codes(_wanted("10.9.0.4"), _wanted(""), _wanted(""), _wanted("")) == ["subnet-full"]
    assert _codes(_wanted(""), _wanted(""), staying=2) == ["subnet-full"]


def test_the_first_four_addresses_and_the_last_are_azures() -> None:
    reported = {last: _codes(_wanted(f"10.9.0.{last}")) for last in range(8)}
    assert reported == {last: ["address-reserved"] if last in (0, 1, 2, 3, 7) else [] for last in range(8)}


def test_an_address_outside_or_asked_for_twice_is_told() -> None:
    assert _codes(_wanted("10.9.1.4")) == ["address-outside-network"]
    assert _codes(_wanted("10.9.0.4"), _wanted("10.9.0.4")) == ["address-asked-twice"]


def test_a_subnet_that_is_not_there_and_that_nobody_makes_is_told_once() -> None:
    assert _codes(*[_wanted("", subnet_id="/new")] * 9) == ["unknown-subnet"]
