"""What every cloud promises of networks that deployments create in a landing zone which is there."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    FoundLandingResource,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    PreflightRequest,
    VmRequest,
)
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

NAME = "managed.made.a"
WITHIN = ManagedNetwork(name=NAME, cidr="10.77.0.0/24")
"""Beside the landing zone's own range, which has to be widened."""


def test_a_vm_is_on_a_network_that_is_created_after_the_landing_zone(subject: Subject) -> None:
    parts = subject.landing.managed_network(WITHIN)
    before = subject.landing.find_landing_resources(ENVIRONMENT)
    request = _on_it(subject)
    if subject.connected.preflight is not None:
        found = subject.connected.preflight.preflight(PreflightRequest(landing=parts, vms=(request,)))
        assert [one for one in found if one.is_fatal] == []
    made = _make(subject, parts)
    assert {one.cid for one in _make(subject, parts)} == {one.cid for one in made}, "twice is once"
    assert _ranges(subject) == {"10.77.0.0/24"}
    created = subject.connected.cloud.create_vm(request)
    assert created.networks[0].ip == "10.77.0.10"
    with pytest.raises(ConflictError):
        _delete(subject, made)
    subject.connected.cloud.delete_vm(created.cid)
    _delete(subject, made)
    _delete(subject, made)
    assert [one.cid for one in subject.landing.find_landing_resources(ENVIRONMENT)] == [one.cid for one in before]


def test_what_is_open_in_the_landing_zone_alone_is_open_on_it(subject: Subject) -> None:
    if subject.inbound is None:
        pytest.skip("the cloud has no security groups")
    _make(subject, subject.landing.managed_network(WITHIN))
    cloud = subject.connected.cloud
    cloud.create_vm(subject.vm_request("a1"))
    cloud.create_vm(_on_it(subject))
    inbound = subject.inbound()
    assert inbound["10.77.0.10"] == inbound["10.9.0.10"]


def test_the_landing_zone_is_deleted_with_such_networks(subject: Subject) -> None:
    _make(subject, subject.landing.managed_network(WITHIN))
    for found in reversed(subject.landing.find_landing_resources(ENVIRONMENT)):
        subject.landing.delete_landing_resource(found.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()


def test_cloud_properties_that_name_an_existing_network_are_refused(subject: Subject) -> None:
    with pytest.raises(CloudError) as caught:
        subject.landing.managed_network(replace(WITHIN, cloud_properties={"network": "main"}))
    assert caught.value.code == "managed-network-placed"


def test_an_ipv6_range_of_a_network_to_come_is_refused_where_none_is_made(subject: Subject) -> None:
    with pytest.raises(CloudError) as caught:
        subject.landing.managed_network(replace(WITHIN, cidr="fd00:7::/64"))
    assert caught.value.code == "network-range-invalid"


def test_an_ipv6_range_of_the_environment_is_refused_before_the_first_create(subject: Subject) -> None:
    spec = LandingSpec(networks={"main": "10.9.0.0/24", "six": "fd00:7::/64"}, public_names=())
    found: list[str] = []
    try:
        resources = subject.landing.landing_resources(spec)
    except CloudError as error:
        found.append(error.code)
    else:
        assert subject.connected.preflight is not None
        found += [one.code for one in subject.connected.preflight.preflight(PreflightRequest(landing=resources))]
    assert "network-range-invalid" in found


def _on_it(subject: Subject) -> VmRequest:
    request = subject.vm_request("m1")
    network = replace(
        request.networks[0], name="made", ip="10.77.0.10", gateway="10.77.0.1", cloud_properties={"network": NAME}
    )
    return replace(request, networks=(network,))


def _make(subject: Subject, parts: Sequence[LandingResource]) -> list[FoundLandingResource]:
    return [
        subject.landing.create_landing_resource(one, subject.owner(f"make/{one.name}", ENVIRONMENT_ITSELF))
        for one in parts
    ]


def _delete(subject: Subject, made: Sequence[FoundLandingResource]) -> None:
    for found in reversed(made):
        subject.landing.delete_landing_resource(found.cid)


def _ranges(subject: Subject) -> set[str]:
    found = subject.landing.find_landing_resources(ENVIRONMENT)
    return {value for one in found for key, value in one.outputs.items() if key.startswith(f"{NAME}_cidr")}
