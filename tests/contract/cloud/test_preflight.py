"""What every cloud promises of preflight and prices."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cpi.contract.cloud import Preflight, Pricing
from cpi.contract.values import LandingSpec, NetworkKind, NetworkSettings, OwnerQuery, PreflightRequest, StemcellCid
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))


@pytest.fixture
def preflight(subject: Subject) -> Preflight:
    if subject.connected.preflight is None:
        pytest.skip("the cloud says nothing beforehand")
    return subject.connected.preflight


@pytest.fixture
def pricing(subject: Subject) -> Pricing:
    if subject.connected.pricing is None:
        pytest.skip("the cloud has no prices")
    return subject.connected.pricing


def test_a_healthy_account_has_nothing_that_forbids(preflight: Preflight) -> None:
    assert [finding for finding in preflight.preflight(PreflightRequest()) if finding.is_fatal] == []


def test_what_the_same_plan_makes_need_not_be_there_yet(subject: Subject, preflight: Preflight) -> None:
    vm = subject.vm_request("a")
    public = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=None)
    request = PreflightRequest(
        landing=subject.landing.landing_resources(SPEC),
        vms=(replace(vm, stemcell_cid=StemcellCid(""), networks=(*vm.networks, public)),),
    )
    assert [finding for finding in preflight.preflight(request) if finding.is_fatal] == []


def test_what_leaves_is_free_for_what_comes(subject: Subject, preflight: Preflight) -> None:
    cid = subject.connected.cloud.create_vm(subject.vm_request("old")).cid
    request = PreflightRequest(vms=(subject.vm_request("new"),), leaving=(cid,))
    assert [finding for finding in preflight.preflight(request) if finding.is_fatal] == []


def test_preflight_makes_nothing_and_deletes_nothing(subject: Subject, preflight: Preflight) -> None:
    cid = subject.connected.cloud.create_vm(subject.vm_request("old")).cid
    query = OwnerQuery(environment=ENVIRONMENT)
    before = (subject.finder.find_vms(query), subject.finder.find_disks(query))
    preflight.preflight(
        PreflightRequest(
            landing=subject.landing.landing_resources(SPEC),
            vms=(subject.vm_request("new", last=11),),
            disks=(subject.disk_request("d"),),
            leaving=(cid,),
        )
    )
    assert (subject.finder.find_vms(query), subject.finder.find_disks(query)) == before


def test_a_price_is_a_number_of_a_dated_list_and_grows_with_the_quantity(subject: Subject, pricing: Pricing) -> None:
    one = PreflightRequest(vms=(subject.vm_request("a"),), disks=(subject.disk_request("d"),))
    two = replace(one, vms=(*one.vms, subject.vm_request("b", last=11)))
    for price in pricing.price(one):
        assert price.quantity > 0
        assert price.as_of.count("-") == 2
        assert not price.amount or Decimal(price.amount) >= 0
    assert _sum(pricing, two) > _sum(pricing, one) > 0
    assert pricing.price(PreflightRequest()) == ()


def _sum(pricing: Pricing, request: PreflightRequest) -> Decimal:
    return sum((Decimal(price.amount or 0) for price in pricing.price(request)), Decimal(0))


def test_a_vm_that_gets_more_disks_than_it_takes_is_reported_before_the_first_is_created(
    subject: Subject, preflight: Preflight
) -> None:
    request = replace(subject.vm_request("v", last=10), later_disks=200)
    found = preflight.preflight(PreflightRequest(growing=(request,)))
    assert "too-many-disks" in {finding.code for finding in found}
    few = preflight.preflight(PreflightRequest(growing=(replace(request, later_disks=1),)))
    assert "too-many-disks" not in {finding.code for finding in few}
