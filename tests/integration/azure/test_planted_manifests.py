"""Faults in what an operator writes, and in the subscription, by `compleat doctor MANIFEST` and `compleat up`.

All are found together, in time, with exit code 3, and Azure was asked to make nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support import planted_files
from tests.support.azure.planted import writes
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.azure.tls import Certificates
from tests.support.planted_files import ENVIRONMENT, Papers

_LIMIT_S = 10.0
_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/compleat-{ENVIRONMENT}"
Plant = Callable[[Papers, StandIn], object]


@pytest.fixture
def azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as opened:
        yield opened


def _limit(name: str, limit: int) -> Plant:
    return lambda _, azure: azure.place.region.limits.update({name: limit})


def _foreign_group(_papers: Papers, azure: StandIn) -> None:
    body = {
        "id": _GROUP,
        "name": f"compleat-{ENVIRONMENT}",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "tags": {},
        "properties": {"provisioningState": "Succeeded"},
    }
    azure.place.store.put(Held(id=_GROUP, body=body))


def _label(papers: Papers, azure: StandIn) -> None:
    papers.properties["dns_names"] = {"jumpbox": "jump-of-mine"}
    azure.place.region.taken_labels.add("jump-of-mine")


def _zone(papers: Papers, azure: StandIn) -> None:
    azure.place.region.sizes["Standard_D8s_v5"].zones = ("2",)
    papers.add_vm_type("zonal", instance_type="Standard_D8s_v5")


def _ultra(papers: Papers, azure: StandIn) -> None:
    azure.place.region.limits["UltraSSDDiskSizeInGB"] = 10
    papers.add_disk_type("ultra", 20 * 1024, storage_account_type="UltraSSD_LRS")


FAULTS: Mapping[str, Plant] = {
    "unknown-instance-type": lambda papers, _: papers.add_vm_type("odd", instance_type="Standard_Gigantic"),
    "instance-type-not-in-zone": _zone,
    "unknown-cloud-property": lambda papers, _: papers.add_vm_type("typo", instance_typ="Standard_B1s"),
    "wrong-cloud-property": lambda papers, _: papers.add_vm_type("big", root_disk={"size": "x"}),
    "property-not-supported": lambda papers, _: papers.add_vm_type("away", resource_group_name="elsewhere"),
    "zone-and-availability-set": lambda papers, _: papers.add_vm_type("both", availability_set="mine"),
    "unknown-load-balancer": lambda papers, _: papers.add_vm_type("web", load_balancer="nobodys"),
    "image-architecture": lambda papers, _: papers.add_vm_type("arm", instance_type="Standard_D2ps_v5"),
    "unknown-image": lambda papers, _: papers.properties.update(default_image="Debian:debian-12:gone:latest"),
    "disk-size-invalid": lambda papers, _: papers.add_disk_type("huge", 40000 * 1024),
    "unknown-volume-type": lambda papers, _: papers.add_disk_type("odd-disk", 1024, storage_account_type="Premium_LSR"),
    "unknown-cloud-property:disk": lambda papers, _: papers.add_disk_type("typo-disk", 1024, storage_type="x"),
    "property-not-supported:ultra": _ultra,
    "address-reserved": lambda papers, _: papers.add_static("10.0.0.3"),
    "ranges-overlap": lambda papers, _: papers.environment["networks"].update(more="10.0.128.0/18"),
    "network-range-invalid": lambda papers, _: papers.environment["networks"].update(tiny="10.5.0.0/30"),
    "dns-name-taken": _label,
    "quota-exceeded": _limit("cores", 3),
    "quota-exceeded:disks": _limit("StandardSSDDiskCount", 1),
    "quota-exceeded:addresses": _limit("StandardSkuPublicIpAddresses", 1),
    "permissions-missing": lambda _, azure: azure.place.region.not_actions.append("Microsoft.Compute/disks/delete"),
    "clock-skew": lambda _, azure: setattr(azure.place.region, "clock_ahead_s", -600.0),
    "account-disabled": lambda _, azure: setattr(azure.place.region, "state", "Disabled"),
    "resources-locked": lambda _, azure: azure.place.region.locks.update(
        {f"/subscriptions/{SUBSCRIPTION}": "CanNotDelete"}
    ),
    "name-taken": _foreign_group,
}
"""The expected code, and after a colon one of several faults with that code."""


@pytest.mark.parametrize("seed", range(12))
def test_five_faults_of_a_manifest_are_told_together(azure: StandIn, tmp_path: Path, seed: int) -> None:
    papers = planted_files.healthy("azure", azure.settings())
    names = planted_files.five(FAULTS, seed)
    for name in names:
        FAULTS[name](papers, azure)
    before, manifest = azure.place.store.inventory(), papers.write(tmp_path)
    with planted_files.opened(tmp_path) as session:
        began = session.world.runner.now()
        assert planted_files.fatal(planted_files.examined(session, manifest)) == planted_files.codes(names)
        assert session.world.runner.now() - began < _LIMIT_S
    assert (writes(azure), azure.place.store.inventory()) == ([], before)


def test_doctor_and_up_end_with_3_and_say_what_why_and_how_to_mend_it(azure: StandIn, tmp_path: Path) -> None:
    names = [
        "unknown-instance-type",
        "unknown-volume-type",
        "quota-exceeded",
        "resources-locked",
        "permissions-missing",
    ]
    papers = planted_files.healthy("azure", azure.settings())
    for name in names:
        FAULTS[name](papers, azure)
    ended = planted_files.refused(papers, tmp_path)
    assert ended.codes == planted_files.codes(names)
    assert "az role assignment create --role Contributor" in ended.words
    assert ended.took_s < _LIMIT_S
    assert (writes(azure), azure.place.store.inventory()) == ([], ())


def test_nothing_is_invented_about_fifty_healthy_manifests(azure: StandIn, tmp_path: Path) -> None:
    planted_files.healthy("azure", azure.settings()).write(tmp_path)
    azure.place.region.limits |= dict.fromkeys(("cores", "standardBSFamily", "standardDSv5Family"), 1000)
    with planted_files.opened(tmp_path) as session:
        healthy = [planted_files.ten("azure", azure.settings(), tmp_path / str(seed), seed=seed) for seed in range(5)]
        reported = [planted_files.examined(session, *manifests) for manifests in healthy]
    assert (reported, writes(azure)) == ([()] * 5, [])
