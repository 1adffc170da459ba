"""Findings gathered, and raised as the error that the call would end in."""

import pytest

from cpi.contract.errors import CloudError, NoCapacityError
from cpi.contract.values import Finding, JsonValue, NetworkKind, NetworkSettings
from cpi.kit import judge
from tests.unit.cpi.clouds.aws import requests


def _even(number: int) -> int:
    if number % 2:
        raise CloudError("odd", "It is odd.")
    return number // 2


def test_what_can_be_read_is_given_and_each_refusal_once() -> None:
    read, refused = judge.readable([2, 3, 4, 5], _even)
    assert (read, [one.code for one in refused]) == ((1, 2), ["odd"])


def test_the_first_finding_is_raised_as_the_kind_of_error_that_is_asked_for() -> None:
    found = [Finding(code=code, what="w", why="y", fix="f") for code in ("one", "two")]
    with pytest.raises(NoCapacityError) as raised:
        judge.require(found, NoCapacityError)
    assert (raised.value.code, raised.value.why, raised.value.fix) == ("one", "y", "f")
    judge.require([])


def test_an_unknown_name_that_is_demanded_is_an_error_and_a_known_one_is_none() -> None:
    judge.require_known("zone", "a", {"a"}, where="Region r", setting="zone")
    with pytest.raises(CloudError) as raised:
        judge.require_known("zone", "b", {"a"}, where="Region r", setting="zone")
    assert (raised.value.code, raised.value.what) == ("unknown-zone", "Region r has no zone 'b'.")


@pytest.mark.parametrize("name", ["Web", "web_0", "-web", "web-", "", "w" * 64])
def test_a_host_name_that_no_machine_may_have_is_refused(name: str) -> None:
    with pytest.raises(CloudError) as raised:
        judge.require_host_name(name)
    assert raised.value.code == "vm-name-invalid"


def test_a_vm_with_a_public_address_alone_has_no_network() -> None:
    vip = NetworkSettings(name="public", kind=NetworkKind.VIP, ip="203.0.113.5")
    with pytest.raises(CloudError) as raised:
        judge.require_network(requests.vm(vip))
    assert raised.value.code == "vm-without-network"


def test_properties_that_nothing_reads_are_one_remark_for_each_kind() -> None:
    written: dict[str, list[dict[str, JsonValue]]] = {
        "VM": [{"zone": "a", "colour": "red"}, {"size": 1}],
        "disk": [{"zone": "a"}],
    }
    found = list(judge.unread(written, {"VM": ("zone",), "disk": ("zone",)}, cloud="the cloud", why="w"))
    assert [(one.code, one.what, one.is_fatal) for one in found] == [
        ("property-unused", "Some cloud properties of a VM have no effect on the cloud: 'colour', 'size'.", False)
    ]
