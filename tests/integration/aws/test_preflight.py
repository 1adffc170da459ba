"""Faults planted in the account or the plan: each is found, several at once are all found, and none is invented."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random

import pytest

from cpi.aws import permissions
from cpi.errors import ConflictError
from cpi.values import DiskCid, Finding, LandingResource, NetworkKind, PreflightRequest, QuotaNeed, StemcellCid
from tests.contract.cloud.clouds import ENVIRONMENT, Subject
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule


@dataclass(slots=True)
class Stand:
    """An environment, its account, and the plan that is about to be carried out."""

    subject: Subject
    emulator: Emulator
    request: PreflightRequest
    settings: dict[str, object]

    def change_vm(self, **cloud_properties: object) -> None:
        """Another VM in the plan, with a property that is not right."""
        last = 20 + len(self.request.vms)
        properties = {"instance_type": "t3.micro", **cloud_properties}
        vm = replace(self.subject.vm_request(f"v{last}", last=last), cloud_properties=properties)  # type: ignore[arg-type]
        self.request = replace(self.request, vms=(*self.request.vms, vm))

    def findings(self) -> tuple[Finding, ...]:
        """What preflight says."""
        preflight = shared.connect(self.emulator, ENVIRONMENT, **self.settings).preflight
        assert preflight is not None
        self.emulator.front.log.clear()
        found = preflight.preflight(self.request)
        calls = self.emulator.front.log
        assert [call.action for call in calls if not call.is_read and call.get("DryRun") != "true"] == []
        return found


@pytest.fixture
def stand(landed: Subject, emulator: Emulator) -> Stand:
    request = PreflightRequest(vms=(landed.vm_request("v10"),), disks=(landed.disk_request("d1"),))
    return Stand(landed, emulator, request, {})


def _zone(stand: Stand) -> None:
    stand.settings["zones"] = ["us-east-1a", "us-east-1z"]


def _permission(stand: Stand) -> None:
    stand.emulator.account.denied.add("ec2:AttachVolume")


def _skew(stand: Stand) -> None:
    stand.emulator.front.skew_s = 600.0


def _type(stand: Stand) -> None:
    stand.change_vm(instance_type="t3.gigantic")


def _quota(stand: Stand) -> None:
    stand.emulator.account.limits["ec2/L-1216C47A"] = 1.0


def _image(stand: Stand) -> None:
    stand.change_vm()
    *rest, last = stand.request.vms
    stand.request = replace(
        stand.request, vms=(*rest, replace(last, stemcell_cid=StemcellCid("ami-0123456789abcdef0")))
    )


def _architecture(stand: Stand) -> None:
    stand.change_vm(instance_type="t4g.micro")


def _taken(stand: Stand) -> None:
    vm = stand.subject.vm_request("other", last=15)
    stand.subject.connected.cloud.create_vm(vm)
    stand.request = replace(stand.request, vms=(*stand.request.vms, replace(vm, name="late")))


def _twice(stand: Stand) -> None:
    vm = stand.subject.vm_request("twin", last=17)
    stand.request = replace(stand.request, vms=(*stand.request.vms, vm, replace(vm, name="twin")))


def _reserved(stand: Stand) -> None:
    stand.request = replace(stand.request, vms=(*stand.request.vms, stand.subject.vm_request("r", last=2)))


def _outside(stand: Stand) -> None:
    stand.request = replace(stand.request, vms=(*stand.request.vms, stand.subject.vm_request("o", last=250)))


def _property(stand: Stand) -> None:
    stand.change_vm(instance_typ="t3.micro")


def _shape(stand: Stand) -> None:
    stand.change_vm(root_disk={"size": "huge"})


def _key(stand: Stand) -> None:
    stand.change_vm(key_name="nobodys")


def _profile(stand: Stand) -> None:
    stand.change_vm(iam_instance_profile="nobodys")


def _group(stand: Stand) -> None:
    stand.change_vm(security_groups=["nobodys"])


def _subnet(stand: Stand) -> None:
    vm = stand.subject.vm_request("s", last=19)
    network = replace(vm.networks[0], cloud_properties={"subnet": "subnet-0123456789abcdef0"})
    stand.request = replace(stand.request, vms=(*stand.request.vms, replace(vm, networks=(network,))))


def _disk_size(stand: Stand) -> None:
    stand.request = replace(stand.request, disks=(*stand.request.disks, stand.subject.disk_request("d", size_mib=0)))


def _no_type(stand: Stand) -> None:
    vm = replace(stand.subject.vm_request("n", last=21), cloud_properties={})
    stand.request = replace(stand.request, vms=(*stand.request.vms, vm))


def _disk_huge(stand: Stand) -> None:
    huge = stand.subject.disk_request("h", size_mib=17 * 1024 * 1024)
    stand.request = replace(stand.request, disks=(*stand.request.disks, huge))


def _slots(stand: Stand) -> None:
    vm = replace(stand.subject.vm_request("m", last=22), disk_cids=tuple(DiskCid(f"vol-{n}") for n in range(12)))
    stand.request = replace(stand.request, vms=(*stand.request.vms, vm))


def _spot(stand: Stand) -> None:
    stand.emulator.account.limits["ec2/L-34B43A08"] = 1.0
    stand.change_vm(spot_bid_price=0.01)


def _full(stand: Stand) -> None:
    vms = tuple(stand.subject.vm_request(f"f{n}", kind=NetworkKind.DYNAMIC) for n in range(70))
    stand.request = replace(stand.request, vms=(*stand.request.vms, *vms))


def _addresses(stand: Stand) -> None:
    stand.emulator.account.limits["ec2/L-0263D0A3"] = 1.0
    more = LandingResource(kind="public_address", name="console")
    stand.request = replace(stand.request, landing=(*stand.request.landing, more))


def _vpcs(stand: Stand) -> None:
    stand.emulator.account.limits["vpc/L-F678F1CE"] = 1.0
    more = LandingResource(kind="vpc", name="other")
    stand.request = replace(stand.request, landing=(*stand.request.landing, more))


PLANTED: dict[str, Callable[[Stand], None]] = {
    "unknown-zone": _zone,
    "aws-permissions-missing": _permission,
    "clock-skewed": _skew,
    "unknown-instance-type": _type,
    "aws-quota-exceeded": _quota,
    "unknown-image": _image,
    "image-architecture": _architecture,
    "address-taken": _taken,
    "address-asked-twice": _twice,
    "address-reserved": _reserved,
    "address-outside-network": _outside,
    "unknown-cloud-property": _property,
    "wrong-cloud-property": _shape,
    "unknown-key-pair": _key,
    "unknown-instance-profile": _profile,
    "unknown-security-group": _group,
    "unknown-subnet": _subnet,
    "disk-size-invalid": _disk_size,
    "instance-type-missing": _no_type,
    "disk-size-invalid:huge": _disk_huge,
    "too-many-disks": _slots,
    "aws-quota-exceeded:spot": _spot,
    "aws-quota-exceeded:addresses": _addresses,
    "aws-quota-exceeded:vpcs": _vpcs,
    "aws-subnet-full": _full,
}
"""What preflight must say, and after a colon which of several faults with that code. ACTIONS come on top."""
ACTIONS = (*permissions.VM_ACTIONS, *permissions.LANDING_ACTIONS)


def _fatal(findings: tuple[Finding, ...]) -> set[str]:
    assert all(finding.what and finding.why and finding.fix for finding in findings)
    return {finding.code for finding in findings if finding.is_fatal}


def _codes(planted: Iterable[str]) -> set[str]:
    return {name.partition(":")[0] for name in planted}


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_fault_is_found_and_no_other(stand: Stand, code: str) -> None:
    PLANTED[code](stand)
    before = stand.emulator.inventory()
    assert _fatal(stand.findings()) == _codes([code])
    assert stand.emulator.inventory() == before


def test_each_action_that_is_denied_is_named_alone(stand: Stand) -> None:
    stand.request = PreflightRequest(landing=(LandingResource(kind="public_address", name="jumpbox"),))
    told = {}
    for action in ACTIONS:
        stand.emulator.account.denied = {action}
        told[action] = [
            (one.code, [name for name in ACTIONS if f"{name}," in f"{one.what},".replace(".", ",")])
            for one in stand.findings()
        ]
    assert told == {action: [("aws-permissions-missing", [action])] for action in ACTIONS}


@pytest.mark.parametrize("seed", range(6))
def test_five_at_once_are_all_found(stand: Stand, seed: int) -> None:
    codes = Random(seed).sample(sorted(PLANTED), 5)
    for code in codes:
        PLANTED[code](stand)
    assert _fatal(stand.findings()) == _codes(codes)


def test_what_leaves_makes_room(stand: Stand) -> None:
    old = stand.subject.connected.cloud.create_vm(stand.subject.vm_request("old")).cid
    stand.emulator.account.limits["ec2/L-1216C47A"] = 2.0
    assert _fatal(stand.findings()) == {"address-taken", "aws-quota-exceeded"}
    stand.request = replace(stand.request, leaving=(old,))
    assert _fatal(stand.findings()) == set()


def test_a_quota_is_asked_for_with_its_number(stand: Stand) -> None:
    _quota(stand)
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
    assert _fatal(stand.findings()) == set()
    more = LandingResource(kind="public_address", name="console")
    stand.request = PreflightRequest(landing=(*there, more, LandingResource(kind="vpc", name="other")))
    assert {one.quota.name for one in stand.findings() if one.quota} == {"L-F678F1CE", "L-0263D0A3"}


def test_before_the_landing_zone_the_plans_own_subnets_count(emulator: Emulator, stand: Stand) -> None:
    emulator.reset()
    landing = tuple(
        LandingResource(kind="subnet", name=f"main-z{n}", properties={"network": "main", "cidr": cidr, "zone": "z"})
        for n, cidr in enumerate(("10.9.0.0/26", "10.9.0.64/26"), start=1)
    )
    vm = replace(stand.subject.vm_request("a"), stemcell_cid=StemcellCid(""))
    stand.request = PreflightRequest(landing=landing, vms=(vm,))
    assert _fatal(stand.findings()) == set()
    outside = replace(stand.subject.vm_request("b", last=200), stemcell_cid=StemcellCid(""))
    stand.request = PreflightRequest(landing=landing, vms=(vm, outside))
    assert _fatal(stand.findings()) == {"address-outside-network"}


def test_without_permission_to_simulate_dry_runs_find_what_is_denied_and_execute_nothing(stand: Stand) -> None:
    stand.emulator.account.denied |= {"iam:SimulatePrincipalPolicy", "ec2:CreateVpc"}
    before = stand.emulator.inventory()
    (finding,) = [one for one in stand.findings() if one.is_fatal]
    assert (finding.code, "ec2:CreateVpc" in finding.what) == ("aws-permissions-missing", True)
    assert stand.emulator.inventory() == before


def _right(stand: Stand, random: Random) -> PreflightRequest:
    kinds = ["t3.micro", "t3.small", "m5.large", "c5.xlarge"]
    vms = []
    for last in random.sample(range(10, 60), random.randint(1, 8)):
        kind = random.choice([NetworkKind.MANUAL, NetworkKind.DYNAMIC])
        vm = stand.subject.vm_request(f"v{last}", last=last, kind=kind)
        properties = {"instance_type": random.choice(kinds), "root_disk": {"size": random.choice([10240, 20480])}}
        vms.append(replace(vm, cloud_properties=properties))
    disks = [
        stand.subject.disk_request(f"d{n}", size_mib=random.randint(1, 99999)) for n in range(random.randint(0, 4))
    ]
    return PreflightRequest(vms=tuple(vms), disks=tuple(disks))


def test_nothing_is_invented_about_fifty_plans_that_are_right(stand: Stand) -> None:
    told = {}
    for seed in range(50):
        stand.request = _right(stand, Random(seed))
        told[seed] = stand.findings()
    assert told == dict.fromkeys(range(50), ())
