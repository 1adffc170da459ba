"""Preflight against planted faults: all are found, none is invented, and each is a refusal without preflight."""

from dataclasses import replace
from random import Random

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.contract.errors import CloudError
from cpi.contract.values import ENVIRONMENT_ITSELF, Finding, OwnerKey, OwnerQuery, VmRequest
from tests.support.planted import FAULTS, Planted, Scenario, healthy

_OWNER = OwnerKey(environment="planted", deployment=ENVIRONMENT_ITSELF, action="landing")
_FIVES = [Random(seed).sample(FAULTS, 5) for seed in range(40)]


def findings_of(scenario: Scenario) -> tuple[Finding, ...]:
    cloud = MemoryCloud(scenario.rules)
    connected = connect_cloud(cloud)
    assert connected.preflight is not None
    found = connected.preflight.preflight(scenario.request)
    assert cloud.inventory() == MemoryCloud().inventory(), "preflight made something"
    return found


def keys_of(scenario: Scenario) -> set[str]:
    return {_key(finding) for finding in findings_of(scenario)}


def _key(finding: Finding) -> str:
    if finding.quota:
        return f"{finding.code}:{finding.quota.name}"
    if finding.code == "permissions-missing":
        return f"{finding.code}:{finding.what.removesuffix('.').rpartition(' ')[2]}"
    return finding.code


def planted(faults: list[Planted], seed: int) -> Scenario:
    scenario = healthy(seed)
    for fault in sorted(faults, key=lambda fault: "few-" in fault.name):  # limits last: they count the requests
        scenario = fault.plant(scenario)
    return scenario


def first_refusal(scenario: Scenario) -> str:
    """Do it all whatever preflight would say, and take it down again; give the first refusal's code."""
    cloud = MemoryCloud(scenario.rules)
    try:
        _build(cloud, scenario)
        _tear_down(cloud)
    except CloudError as error:
        return error.code
    return ""


def _build(cloud: MemoryCloud, scenario: Scenario) -> None:
    landing = connect_cloud(cloud).landing
    assert landing is not None
    landing.find_landing_resources("planted")
    for resource in scenario.request.landing:
        landing.create_landing_resource(resource, replace(_OWNER, action=resource.name))
    stemcells = [cloud.create_stemcell(one) for one in scenario.request.stemcells]
    for disk in scenario.request.disks:
        cloud.create_disk(disk)
    for request in scenario.request.vms:
        vm = cloud.create_vm(replace(request, stemcell_cid=stemcells[0])).cid
        cloud.set_vm_metadata(vm, {"name": request.name})
        cloud.has_vm(vm)


def _tear_down(cloud: MemoryCloud) -> None:
    landing = connect_cloud(cloud).landing
    assert landing is not None
    query = OwnerQuery(environment="planted")
    vms, disks = cloud.find_vms(query), cloud.find_disks(query)
    plain = cloud.create_vm(_plain_vm(cloud))
    cloud.attach_disk(plain.cid, disks[0].cid)
    cloud.detach_disk(plain.cid, disks[0].cid)
    for vm in (*vms, cloud.find_vms(query)[-1]):
        cloud.delete_vm(vm.created.cid)
    for disk in disks:
        cloud.delete_disk(disk.cid)
    for stemcell in cloud.find_stemcells(query):
        cloud.delete_stemcell(stemcell.cid)
    for resource in reversed(landing.find_landing_resources("planted")):
        landing.delete_landing_resource(resource.cid)


def _plain_vm(cloud: MemoryCloud) -> VmRequest:
    """One of any zone, to try disks on."""
    held = next(iter(cloud.resources.vms.values())).request
    network = replace(held.networks[0], ip="10.9.3.1")
    return replace(
        held, name="plain", owner=replace(held.owner, action="plain"), networks=(network,), cloud_properties={}
    )


def test_there_are_more_than_forty_faults_each_told_by_its_own_finding() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len({fault.finding for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("seed", range(50))
def test_nothing_is_invented_about_what_is_healthy(seed: int) -> None:
    assert keys_of(healthy(seed)) == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_fault_is_found_and_no_other(fault: Planted) -> None:
    found = findings_of(planted([fault], seed=7))
    assert {(_key(finding), finding.is_fatal) for finding in found} == {(fault.finding, fault.is_fatal)}


@pytest.mark.parametrize("seed", range(40))
def test_five_faults_are_all_found_and_no_other(seed: int) -> None:
    faults = _FIVES[seed]
    assert keys_of(planted(faults, seed)) - _hidden(faults) == {fault.finding for fault in faults} - _hidden(faults)


def _hidden(faults: list[Planted]) -> set[str]:
    """Credentials that have expired do not soon expire."""
    return {"credentials-expiring"} if {"expired", "expiring"} <= {fault.name for fault in faults} else set()


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.is_fatal], ids=lambda fault: fault.name)
def test_a_fault_that_nobody_asked_about_is_a_refusal_of_the_cloud(fault: Planted) -> None:
    assert first_refusal(planted([fault], seed=7)) == fault.finding.partition(":")[0]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_healthy_can_be_made_and_taken_down(seed: int) -> None:
    assert first_refusal(healthy(seed)) == ""
