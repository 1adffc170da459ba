"""Faults planted in the subscription or the plan: each is found, several at once too, and none is invented."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cpi.clouds.azure.preflight import permissions
from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import LandingResource, NetworkKind, PreflightRequest
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, prepare
from tests.support.azure.planted import ACCOUNTS, APART, FAULTS, GROUP, INSIDE, PLANS, REMARKS, SHUT, Stand
from tests.support.azure.stand_in import azure_stand_in
from tests.support.azure.tls import Certificates
from tests.support.kit.planted import codes_of, fatal_codes

ACTIONS = tuple(
    dict.fromkeys(
        (
            *permissions.VM_ACTIONS,
            *permissions.STORING_ACTIONS,
            *permissions.LANDING_ACTIONS,
            *permissions.NAT_ACTIONS,
            *permissions.ACCOUNT_ACTIONS,
            *permissions.SENDING_ACTIONS,
            *permissions.BALANCER_ACTIONS,
            *permissions.APPLICATION_GROUP_ACTIONS,
        )
    )
)
"""Each once: load balancers are read for landing zones and for members."""


@pytest.fixture
def stand(tmp_path: Path, certificates: Certificates) -> Iterator[Stand]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(tmp_path), properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        request = PreflightRequest(vms=(subject.vm_request("v10"),))
        yield Stand(subject=subject, azure=azure, folder=tmp_path, request=request, settings={})


def test_each_fault_of_a_plan_is_found_and_no_other(stand: Stand) -> None:
    reported = {}
    for name, plant in PLANS.items():
        planted = replace(stand, settings={})
        plant(planted)
        reported[name] = fatal_codes(planted.findings())
    assert reported == {name: codes_of([name]) for name in PLANS}


def test_what_is_left_of_quotas_is_found_on_request(stand: Stand) -> None:
    found = replace(stand, request=replace(stand.request, lists_quotas=True)).findings()
    left = {one.quota.name for one in found if one.code == "quota-left" and one.quota}
    assert {"cores", "virtualMachines"} < left
    assert len(found) == len(left) + len(stand.findings())


@pytest.mark.parametrize("name", [*ACCOUNTS, *SHUT])
def test_a_fault_of_the_subscription_is_found_and_no_other(stand: Stand, name: str) -> None:
    {**ACCOUNTS, **SHUT}[name](stand)
    assert fatal_codes(stand.findings()) == codes_of([name])


@pytest.mark.parametrize("code", REMARKS)
def test_a_remark_is_made_and_forbids_nothing(stand: Stand, code: str) -> None:
    REMARKS[code](stand)
    assert {(one.code, one.is_fatal) for one in stand.findings()} == {(code, False)}


@pytest.mark.parametrize("seed", range(6))
def test_five_at_once_are_all_found(stand: Stand, seed: int) -> None:
    random = Random(seed)
    apart = random.choice(sorted(APART))
    unseen = APART | INSIDE if apart in ("unknown-resource-group", "unknown-location") else APART
    names = [*random.sample([name for name in FAULTS if name not in unseen], 4), apart]
    # Under a limit of none nothing can be made.
    for name in sorted(names, key=lambda name: name.startswith("quota-exceeded")):
        FAULTS[name](stand)
    assert fatal_codes(stand.findings()) == codes_of(names)


def test_each_action_that_is_denied_is_named_alone() -> None:
    reported = {one: permissions.lacking(ACTIONS, [{"actions": ["*"], "notActions": [one.upper()]}]) for one in ACTIONS}
    assert reported == {one: (one,) for one in ACTIONS}


def test_a_plan_asks_for_every_action_that_it_takes(stand: Stand) -> None:
    stand.settings["has_nat_gateway"] = True
    stand.settings["stemcell_image"] = {"path": "/disk.vhd", "os": "own", "version": "1"}
    stand.add_landing("public_address", "jumpbox")
    stand.add_vm(40, load_balancer="nobodys", application_security_groups=["nobodys"])
    stand.region.actions = []
    (finding,) = [one for one in stand.findings() if one.code == "permissions-missing"]
    assert finding.what == f"The principal may not call {', '.join(ACTIONS)}."
    assert finding.why == f"Azure grants no more on {GROUP}."


def test_where_up_makes_the_group_it_must_be_allowed_to_and_to_register_what_is_missing(stand: Stand) -> None:
    stand.azure.place.store.drop(GROUP)
    stand.region.providers["Microsoft.Storage"] = "NotRegistered"
    stand.request = PreflightRequest(landing=(LandingResource(kind="resource_group", name="the-group"),))
    assert fatal_codes(stand.findings()) == set()
    stand.region.not_actions = ["Microsoft.Resources/subscriptions/resourceGroups/write", "*/register/action"]
    (finding,) = [one for one in stand.findings() if one.is_fatal]
    assert finding.what == (
        "The principal may not call Microsoft.Resources/subscriptions/resourceGroups/write, "
        "Microsoft.Storage/register/action."
    )
    assert finding.why == f"Azure grants no more on {GROUP.partition('/resourceGroups')[0]}."


def _right(stand: Stand, random: Random) -> PreflightRequest:
    vms = []
    for last in random.sample(range(10, 200), random.randint(1, 8)):
        vm = stand.subject.vm_request(
            f"v{last}", last=last, kind=random.choice([NetworkKind.MANUAL, NetworkKind.DYNAMIC])
        )
        size = random.choice(["Standard_B1s", "Standard_D2s_v3", "Standard_D2s_v5"])
        properties = {"instance_type": size, "availability_zone": random.choice("123")}
        vms.append(replace(vm, cloud_properties=properties))
    stand.request = PreflightRequest(vms=tuple(vms))
    for _ in range(random.randint(0, 4)):
        kind = random.choice(["Standard_LRS", "StandardSSD_LRS", "Premium_LRS"])
        stand.add_disk(random.randint(1, 99999), storage_account_type=kind)
    for number in range(random.randint(0, 3)):
        stand.add_landing("network", f"more{number}", cidr=f"10.{number}.0.0/{random.randint(16, 29)}")
    return stand.request


def test_nothing_is_invented_about_fifty_plans_that_are_right(stand: Stand) -> None:
    reported = {}
    for seed in range(50):
        stand.request = _right(stand, Random(seed))
        reported[seed] = stand.findings()
    assert reported == dict.fromkeys(range(50), ())
