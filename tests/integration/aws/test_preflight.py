"""Faults planted in the account or the plan: each is found, several at once are all found, and none is invented."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cpi.clouds.aws.wire import permissions
from cpi.contract.errors import ConflictError
from cpi.contract.values import (
    JsonValue,
    LandingResource,
    NetworkKind,
    PreflightRequest,
    QuotaNeed,
    StemcellCid,
)
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule
from tests.support.aws.planted import ACCOUNTS, APART, FAULTS, PLANS, REMARKS, SHUT, Stand
from tests.support.kit.planted import codes_of, fatal_codes

pytestmark = pytest.mark.slow


@pytest.fixture
def stand(landed: Subject, emulator: Emulator, tmp_path: Path) -> Stand:
    request = PreflightRequest(vms=(landed.vm_request("v10"),), disks=(landed.disk_request("d1"),))
    return Stand(subject=landed, emulator=emulator, folder=tmp_path, request=request, settings={})


ACTIONS = (
    *permissions.VM_ACTIONS,
    *permissions.LANDING_ACTIONS,
    *permissions.NAT_ACTIONS,
    *permissions.KEY_ACTIONS,
    *permissions.ROUTING_ACTIONS,
    *permissions.BALANCER_ACTIONS,
    *permissions.UPLOAD_ACTIONS,
    *permissions.NAME_ACTIONS,
    *permissions.BUCKET_ACTIONS,
)


def test_each_fault_of_a_plan_is_found_and_no_other(stand: Stand) -> None:
    reported = {}
    for code, plant in PLANS.items():
        planted = replace(stand, settings={})
        plant(planted)
        reported[code] = fatal_codes(planted.findings())
    assert reported == {code: codes_of([code]) for code in PLANS}


@pytest.mark.parametrize("code", [*ACCOUNTS, *SHUT])
def test_a_fault_of_the_account_is_found_and_no_other(stand: Stand, code: str) -> None:
    {**ACCOUNTS, **SHUT}[code](stand)
    before = stand.emulator.inventory()
    assert fatal_codes(stand.findings()) == codes_of([code])
    assert stand.emulator.inventory() == before


@pytest.mark.parametrize("code", REMARKS)
def test_a_remark_is_made_and_forbids_nothing(stand: Stand, code: str) -> None:
    REMARKS[code](stand)
    assert {(one.code, one.is_fatal) for one in stand.findings()} == {(code, False)}


def test_what_is_left_of_quotas_is_found_on_request(stand: Stand) -> None:
    found = replace(stand, request=replace(stand.request, lists_quotas=True)).findings()
    assert ({one.code for one in found}, stand.findings()) == ({"quota-left"}, ())
    assert {one.quota.unit for one in found if one.quota} == {"vCPUs", "TiB"}


def test_each_action_that_is_denied_is_named_alone(emulator: Emulator) -> None:
    reported = {}
    for action in ACTIONS:
        emulator.account.denied = {action}
        reported[action] = permissions.denied(shared.usual_api(), f"arn:aws:iam::{back.ACCOUNT}:user/op", ACTIONS)
    assert reported == {action: (action,) for action in ACTIONS}


def test_a_plan_asks_for_every_action_that_it_takes(stand: Stand) -> None:
    stand.settings |= {
        "private_networks": ["main"],
        "public_key": "ssh-ed25519 AAAA test",
        "stemcell_image": {"path": "/disk.raw", "os": "own", "version": "1"},
        "dns_names": {"jumpbox": "jump.example.org"},
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    }
    stand.add_landing("public_address", "jumpbox")
    stand.add_vm(lb_target_groups=["nobodys"], source_dest_check=False)
    stand.emulator.account.denied = set(ACTIONS)
    (finding,) = [one for one in stand.findings() if one.code == "permissions-missing"]
    assert [name for name in ACTIONS if f'"{name}"' not in finding.fix] == []


@pytest.mark.parametrize("seed", range(6))
def test_five_at_once_are_all_found(stand: Stand, seed: int) -> None:
    random = Random(seed)
    codes = [*random.sample([code for code in FAULTS if code not in APART], 4), random.choice(sorted(APART))]
    for code in codes:
        FAULTS[code](stand)
    assert fatal_codes(stand.findings()) == codes_of(codes)


def test_what_leaves_makes_room(stand: Stand) -> None:
    old = stand.subject.connected.cloud.create_vm(stand.subject.vm_request("old")).cid
    stand.emulator.account.limits["ec2/L-1216C47A"] = 2.0
    assert fatal_codes(stand.findings()) == {"address-taken", "quota-exceeded"}
    stand.request = replace(stand.request, leaving=(old,))
    assert fatal_codes(stand.findings()) == set()


def test_what_disks_need_together_is_asked_for_in_whole_tib(stand: Stand) -> None:
    stand.subject.connected.cloud.create_disk(stand.subject.disk_request("held", size_mib=1500 * 1024))
    stand.limit("ebs/L-7A658B76", 2.0)
    stand.add_disk(600 * 1024)
    (quota,) = [finding.quota for finding in stand.findings() if finding.quota]
    assert quota == QuotaNeed(name="L-7A658B76", region="us-east-1", unit="TiB", used=1, limit=2, needed=3)


def test_what_is_written_and_has_no_effect_is_a_remark(stand: Stand) -> None:
    stand.settings["max_retries"] = 8
    stand.add_vm(spot_ondemand_fallback=True, ephemeral_disk={"use_root_disk": True, "size": 10240})
    found = stand.findings()
    assert {one.code for one in found} == {"setting-unused", "property-unused"}
    assert (len(found), [one for one in found if one.is_fatal]) == (3, [])


def test_credentials_that_end_soon_are_a_remark(stand: Stand) -> None:
    stand.emulator.account.session_s = 1200
    stand.settings["role_arn"] = f"arn:aws:iam::{back.ACCOUNT}:role/operator"
    (finding,) = stand.findings()
    assert (finding.code, finding.is_fatal) == ("credentials-expiring", False)
    assert finding.what in ("The AWS credentials expire in 20 minutes.", "The AWS credentials expire in 19 minutes.")


def test_a_quota_is_asked_for_with_its_number(stand: Stand) -> None:
    stand.limit("ec2/L-1216C47A", 1.0)
    (quota,) = [finding.quota for finding in stand.findings() if finding.quota]
    assert quota == QuotaNeed(name="L-1216C47A", region="us-east-1", unit="vCPUs", used=0, limit=1, needed=2)
    preflight = stand.subject.connected.preflight
    assert preflight is not None
    assert preflight.request_quota(quota) == "request-1"
    (asked,) = stand.emulator.account.requested
    assert (asked["ServiceCode"], asked["QuotaCode"], asked["DesiredValue"]) == ("ec2", "L-1216C47A", "2.0")
    stand.emulator.faults.add(
        Rule(action="RequestServiceQuotaIncrease", code="ResourceAlreadyExistsException", status=400)
    )
    with pytest.raises(ConflictError):
        preflight.request_quota(quota)


def test_a_landing_zone_that_does_not_fit_is_told_and_one_that_is_there_asks_for_nothing(stand: Stand) -> None:
    stand.emulator.account.limits.update({"vpc/L-F678F1CE": 2.0, "ec2/L-0263D0A3": 1.0})
    spec_like = stand.subject.landing.find_landing_resources(ENVIRONMENT)
    there = tuple(LandingResource(kind=one.kind, name=one.name) for one in spec_like)
    stand.request = PreflightRequest(landing=there)
    assert fatal_codes(stand.findings()) == set()
    more = LandingResource(kind="public_address", name="console")
    stand.request = PreflightRequest(landing=(*there, more, LandingResource(kind="vpc", name="other")))
    assert {one.quota.name for one in stand.findings() if one.quota} == {"L-F678F1CE", "L-0263D0A3"}


def test_before_the_landing_zone_the_plans_own_subnets_count(emulator: Emulator, stand: Stand) -> None:
    emulator.reset()
    landing = tuple(
        LandingResource(
            kind="subnet", name=f"main-z{n}", properties={"network": "main", "cidr": cidr, "zone": "us-east-1a"}
        )
        for n, cidr in enumerate(("10.9.0.0/26", "10.9.0.64/26"), start=1)
    )
    vm = replace(stand.subject.vm_request("a"), stemcell_cid=StemcellCid(""))
    stand.request = PreflightRequest(landing=landing, vms=(vm,))
    assert fatal_codes(stand.findings()) == set()
    outside = replace(stand.subject.vm_request("b", last=200), stemcell_cid=StemcellCid(""))
    stand.request = PreflightRequest(landing=landing, vms=(vm, outside))
    assert fatal_codes(stand.findings()) == {"address-outside-network"}


def test_without_permission_to_simulate_dry_runs_find_what_is_denied_and_execute_nothing(stand: Stand) -> None:
    stand.emulator.account.denied |= {"iam:SimulatePrincipalPolicy", "ec2:CreateVpc"}
    before = stand.emulator.inventory()
    (finding,) = [one for one in stand.findings() if one.is_fatal]
    assert (finding.code, "ec2:CreateVpc" in finding.what) == ("permissions-missing", True)
    assert stand.emulator.inventory() == before


def _right(stand: Stand, random: Random) -> PreflightRequest:
    kinds = ["t3.micro", "t3.small", "m5.large", "c5.xlarge"]
    vms = []
    for last in random.sample(range(10, 60), random.randint(1, 8)):
        kind = random.choice([NetworkKind.MANUAL, NetworkKind.DYNAMIC])
        vm = stand.subject.vm_request(f"v{last}", last=last, kind=kind)
        properties: dict[str, JsonValue] = {
            "instance_type": random.choice(kinds),
            "root_disk": {"size": random.choice([10240, 20480])},
        }
        vms.append(replace(vm, cloud_properties=properties))
    stand.request = PreflightRequest(vms=tuple(vms))
    for _ in range(random.randint(0, 4)):
        volume_type = random.choice(["gp3", "gp2", "st1", "standard"])
        least = 128000 if volume_type == "st1" else 1  # EBS has no smaller ones
        stand.add_disk(random.randint(least, least + 99999), type=volume_type)
    for number in range(random.randint(0, 3)):
        stand.add_subnet(f"more-{number}", f"10.9.{number + 1}.0/{random.randint(24, 28)}")
    return stand.request


def test_nothing_is_invented_about_fifty_plans_that_are_right(stand: Stand) -> None:
    reported = {}
    for seed in range(50):
        stand.request = _right(stand, Random(seed))
        reported[seed] = stand.findings()
    assert reported == dict.fromkeys(range(50), ())
