"""What every cloud promises of landing zones, stemcells and preflight."""

import pytest

from cpi.contract.errors import ConflictError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerQuery, PreflightRequest, StemcellRequest
from cpi.serve.formats import FORMATS
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))


def test_resources_are_listed_after_what_they_need(subject: Subject) -> None:
    resources = subject.landing.landing_resources(SPEC)
    for number, resource in enumerate(resources):
        assert set(resource.after) <= {earlier.name for earlier in resources[:number]}
    assert len({(resource.kind, resource.name) for resource in resources}) == len(resources) > 1


def test_what_is_there_already_is_given_as_it_is(subject: Subject) -> None:
    before = subject.landing.find_landing_resources(ENVIRONMENT)
    again = [
        subject.landing.create_landing_resource(resource, subject.owner("again"))
        for resource in subject.landing.landing_resources(SPEC)
    ]
    assert {found.cid for found in again} == {found.cid for found in before}
    assert subject.landing.find_landing_resources(ENVIRONMENT) == before
    assert subject.landing.find_landing_resources("away") == ()


def test_the_public_address_is_an_output_and_can_be_reached_somewhere(subject: Subject) -> None:
    outputs = {
        key: value
        for found in subject.landing.find_landing_resources(ENVIRONMENT)
        for key, value in found.outputs.items()
    }
    endpoint = subject.landing.endpoint_of(outputs["jumpbox_public_ip"], 22)
    assert endpoint.host
    assert 0 < endpoint.port < 65536


def test_what_a_vm_uses_is_not_deleted(subject: Subject) -> None:
    cid = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    network = next(
        one for one in subject.landing.find_landing_resources(ENVIRONMENT) if one.name == subject.landed_network
    )
    with pytest.raises(ConflictError):
        subject.landing.delete_landing_resource(network.cid)
    subject.connected.cloud.delete_vm(cid)
    subject.landing.delete_landing_resource(network.cid)
    subject.landing.delete_landing_resource(network.cid)
    left = subject.landing.find_landing_resources(ENVIRONMENT)
    assert network.cid not in {found.cid for found in left}


def test_everything_can_be_deleted_in_the_reverse_order(subject: Subject) -> None:
    for found in reversed(subject.landing.find_landing_resources(ENVIRONMENT)):
        subject.landing.delete_landing_resource(found.cid)
    assert subject.landing.find_landing_resources(ENVIRONMENT) == ()


def test_a_stemcell_is_there_once_found_and_deleted(subject: Subject) -> None:
    cloud = subject.connected.cloud
    known = cloud.info()
    request = StemcellRequest(
        owner=subject.owner("s1", ENVIRONMENT_ITSELF), os=known.default_os, version=known.default_version
    )
    cid = cloud.create_stemcell(request)
    assert cloud.create_stemcell(request) == cid
    found = {one.cid: one for one in subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))}
    assert (found[cid].os, found[cid].version, found[cid].architecture) == (
        known.default_os,
        known.default_version,
        known.architecture,
    )
    cloud.delete_stemcell(cid)
    cloud.delete_stemcell(cid)
    assert cid not in {one.cid for one in subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))}


def test_the_cloud_speaks_version_2_of_the_cpi(subject: Subject) -> None:
    assert subject.connected.cloud.info().api_version == 2


def test_the_cpi_executable_answers_info_as_the_cloud_itself_would(subject: Subject) -> None:
    assert subject.connected.cloud.info().stemcell_formats == FORMATS[subject.connected.name]


def test_preflight_is_silent_about_what_fits(subject: Subject) -> None:
    preflight = subject.connected.preflight
    if preflight is None:
        pytest.skip("the cloud says nothing beforehand")
    findings = preflight.preflight(PreflightRequest(vms=(subject.vm_request("a"),), disks=(subject.disk_request("b"),)))
    assert [finding for finding in findings if finding.is_fatal] == []
