"""Faults planted in the subscription or the plan: each is found, several at once too, and none is invented."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cpi.cloud import ConnectSettings
from cpi.plugins import find_plugin
from cpi.values import DiskCid, Finding, LandingResource, NetworkKind, PreflightRequest, StemcellRequest, VmRequest
from tests.contract.cloud.clouds import ENVIRONMENT, Subject, prepare
from tests.support.azure.stand_in import StandIn, azure_stand_in

_READS = {"GET", "HEAD"}


@dataclass(slots=True)
class Stand:
    """An environment, its subscription, and the plan that is about to be carried out."""

    subject: Subject
    azure: StandIn
    folder: Path
    request: PreflightRequest
    settings: dict[str, Any]

    def add_vm(self, last: int, **cloud_properties: str) -> VmRequest:
        """Another VM in the plan."""
        vm = replace(self.subject.vm_request(f"v{last}", last=last), cloud_properties=cloud_properties)
        self.request = replace(self.request, vms=(*self.request.vms, vm))
        return vm

    def swap_last(self, vm: VmRequest) -> None:
        """Its last VM as another one."""
        self.request = replace(self.request, vms=(*self.request.vms[:-1], vm))

    def findings(self) -> tuple[Finding, ...]:
        """What preflight says; it changes nothing."""
        settings = self.azure.settings(**self.settings)
        connected = find_plugin("azure").connect(
            ConnectSettings(environment=ENVIRONMENT, state_dir=str(self.folder), properties=settings)
        )
        before = len(self.azure.log.calls())
        assert connected.preflight is not None
        found = connected.preflight.preflight(self.request)
        calls = self.azure.log.calls()[before:]
        assert [call.request.path for call in calls if call.request.method not in _READS] == []
        return found


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with azure_stand_in(tmp_path) as azure:
        properties = azure.settings()
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(tmp_path), properties=properties)
        subject = prepare(find_plugin("azure").connect(settings))
        request = PreflightRequest(vms=(subject.vm_request("v10"),))
        yield Stand(subject, azure, tmp_path, request, {})


def _permission(stand: Stand) -> None:
    stand.azure.place.region.actions[:] = ["*/read", "Microsoft.Compute/*"]


def _skew(stand: Stand) -> None:
    stand.azure.place.region.clock_ahead_s = 600.0


def _size(stand: Stand) -> None:
    stand.add_vm(20, instance_type="Standard_Gigantic")


def _zone(stand: Stand) -> None:
    stand.azure.place.region.sizes["Standard_D2s_v5"].zones = ("1",)
    stand.add_vm(21, instance_type="Standard_D2s_v5", availability_zone="3")


def _family(stand: Stand) -> None:
    stand.azure.place.region.limits["standardDSv3Family"] = 3
    stand.add_vm(22, instance_type="Standard_D4s_v3")


def _addresses(stand: Stand) -> None:
    stand.azure.place.region.limits["StandardSkuPublicIpAddresses"] = 1
    more = LandingResource(kind="public_address", name="console")
    stand.request = replace(stand.request, landing=(*stand.request.landing, more))


def _image(stand: Stand) -> None:
    image = {"publisher": "Debian", "offer": "debian-12", "sku": "gone", "version": "latest"}
    stemcell = StemcellRequest(owner=stand.subject.owner("s"), os="", version="", cloud_properties={"image": image})
    stand.request = replace(stand.request, stemcells=(*stand.request.stemcells, stemcell))


def _slots(stand: Stand) -> None:
    vm = stand.add_vm(23, instance_type="Standard_B1s")
    stand.swap_last(replace(vm, disk_cids=tuple(DiskCid(f"d{n}") for n in range(3))))


def _property(stand: Stand) -> None:
    stand.add_vm(24, instance_typ="Standard_B1s")


def _taken(stand: Stand) -> None:
    stand.subject.connected.cloud.create_vm(stand.subject.vm_request("other", last=15))
    stand.add_vm(15)


def _twice(stand: Stand) -> None:
    stand.add_vm(25)
    stand.request = replace(stand.request, vms=(*stand.request.vms, stand.subject.vm_request("twin", last=25)))


def _kept(stand: Stand) -> None:
    stand.add_vm(3)


def _outside(stand: Stand) -> None:
    vm = stand.add_vm(26)
    stand.swap_last(replace(vm, networks=(replace(vm.networks[0], ip="10.9.7.26"),)))


def _full(stand: Stand) -> None:
    vms = tuple(stand.subject.vm_request(f"f{n}", kind=NetworkKind.DYNAMIC) for n in range(252))
    small = {"instance_type": "Standard_B1s"}
    stand.azure.place.region.limits |= {"cores": 1000, "standardBSFamily": 1000}
    stand.request = replace(
        stand.request, vms=(*stand.request.vms, *(replace(vm, cloud_properties=small) for vm in vms))
    )


PLANTED: dict[str, Callable[[Stand], None]] = {
    "azure-permissions": _permission,
    "azure-clock-skew": _skew,
    "azure-size-not-offered": _size,
    "azure-size-not-offered:zone": _zone,
    "azure-quota:family": _family,
    "azure-quota:addresses": _addresses,
    "azure-image-missing": _image,
    "azure-too-many-disks": _slots,
    "unknown-cloud-property": _property,
    "azure-address-taken": _taken,
    "azure-address-twice": _twice,
    "azure-address-kept": _kept,
    "azure-address-outside": _outside,
    "azure-subnet-full": _full,
}
"""What preflight must say, and after a colon which of several faults with that code."""


def _fatal(findings: tuple[Finding, ...]) -> set[str]:
    assert all(finding.what and finding.why and finding.fix for finding in findings)
    return {finding.code for finding in findings if finding.is_fatal}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_and_no_other(stand: Stand, name: str) -> None:
    PLANTED[name](stand)
    assert _fatal(stand.findings()) == {name.partition(":")[0]}


@pytest.mark.parametrize("seed", range(6))
def test_five_at_once_are_all_found(stand: Stand, seed: int) -> None:
    names = Random(seed).sample(sorted(PLANTED), 5)
    for name in names:
        PLANTED[name](stand)
    assert _fatal(stand.findings()) == {name.partition(":")[0] for name in names}


def _right(stand: Stand, random: Random) -> PreflightRequest:
    vms = []
    for last in random.sample(range(10, 200), random.randint(1, 8)):
        vm = stand.subject.vm_request(
            f"v{last}", last=last, kind=random.choice([NetworkKind.MANUAL, NetworkKind.DYNAMIC])
        )
        size = random.choice(["Standard_B1s", "Standard_D2s_v3", "Standard_D2s_v5"])
        properties = {"instance_type": size, "availability_zone": random.choice("123")}
        vms.append(replace(vm, cloud_properties=properties))
    return PreflightRequest(vms=tuple(vms))


def test_nothing_is_invented_about_fifty_plans_that_are_right(stand: Stand) -> None:
    told = {}
    for seed in range(50):
        stand.request = _right(stand, Random(seed))
        told[seed] = stand.findings()
    assert told == dict.fromkeys(range(50), ())
