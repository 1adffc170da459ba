"""Faults in what an operator writes, by `compleat doctor MANIFEST` and `compleat up`, asked of a real OpenStack.

All are found together, with exit code 3, and nothing is made. Nova's and Cinder's usual limits are the account's.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import pytest

from tests.clouds.openstack import behind, place
from tests.support import planted_files
from tests.support.planted_files import Papers

USER = place.FOURTH_USER
Plant = Callable[[Papers], object]

FAULTS: Mapping[str, Plant] = {
    "unknown-instance-type": lambda papers: papers.add_vm_type("odd", instance_type="m1.odd"),
    "instance-type-missing": lambda papers: papers.add_vm_type("none"),
    "image-too-large": lambda papers: papers.add_vm_type("tiny", instance_type="m1.nano"),
    "unknown-cloud-property": lambda papers: papers.add_vm_type("typo", instance_typ="m1.tiny"),
    "unknown-cloud-property:disk": lambda papers: papers.add_disk_type("typo-disk", 1024, tipe="files"),
    "wrong-cloud-property": lambda papers: papers.add_vm_type("b", instance_type="m1.tiny", root_disk={"size": "x"}),
    "unknown-security-group": lambda papers: papers.add_vm_type(
        "g", instance_type="m1.tiny", security_groups=["nobodys"]
    ),
    "unknown-key-pair": lambda papers: papers.add_vm_type("k", instance_type="m1.tiny", key_name="nobodys"),
    "unknown-zone": lambda papers: papers.add_vm_type("z", instance_type="m1.tiny", availability_zone="mars"),
    "unknown-zone:disk": lambda papers: papers.add_disk_type("zone-disk", 1024, availability_zone="mars"),
    "service-missing": lambda papers: papers.add_vm_type(
        "w", instance_type="m1.tiny", loadbalancer_pools=[{"name": "p", "port": 80}]
    ),
    "unknown-volume-type": lambda papers: papers.add_disk_type("odd-disk", 1024, type="golden"),
    "unknown-image": lambda papers: papers.properties.update(image="no-such-image"),
    "external-network-missing": lambda papers: papers.properties.update(external_network="nowhere"),
    "dns-names-not-supported": lambda papers: papers.properties.update(dns_names={"jumpbox": "jump.example.org"}),
    "ranges-overlap": lambda papers: papers.environment["networks"].update(more="10.0.128.0/18"),
    "quota-exceeded:instances": lambda papers: papers.add_group("many", instances=12),
    "quota-exceeded:gigabytes": lambda papers: papers.add_disk_type("huge", 2000 * 1024),
}
"""The expected code, and after a colon one of several faults with that code."""


@pytest.fixture(autouse=True, scope="module")
def _too_small() -> Iterator[None]:
    """The flavour that no image fits."""
    with behind.administrator():
        yield


@pytest.mark.parametrize("seed", range(6))
def test_five_faults_of_a_manifest_are_told_together(tmp_path: Path, seed: int) -> None:
    papers = _healthy()
    names = planted_files.five(FAULTS, seed)
    for name in names:
        FAULTS[name](papers)
    before, manifest = place.held(USER), papers.write(tmp_path)
    with planted_files.opened(tmp_path) as session:
        assert planted_files.fatal(planted_files.examined(session, manifest)) == planted_files.codes(names)
    assert place.held(USER) == before


def test_doctor_and_up_end_with_3_and_say_what_why_and_how_to_mend_it(tmp_path: Path) -> None:
    names = ["unknown-instance-type", "unknown-volume-type", "unknown-image", "ranges-overlap", "unknown-zone"]
    papers, before = _healthy(), place.held(USER)
    for name in names:
        FAULTS[name](papers)
    assert planted_files.refused(papers, tmp_path).codes == planted_files.codes(names)
    assert place.held(USER) == before


def test_nothing_is_invented_about_healthy_manifests(tmp_path: Path) -> None:
    random, before = Random(5), place.held(USER)
    for number in range(10):
        papers = _healthy()
        for group in range(random.randint(0, 3)):
            papers.add_group(
                f"g{group}",
                azs=random.sample(["z1", "z2", "z3"], random.randint(1, 3)),
                vm_type=random.choice(["default", "small"]),
                **random.choice([{}, {"persistent_disk_type": random.choice(["small", "medium"])}]),
            )
        folder = tmp_path / str(number)
        folder.mkdir()
        manifest = papers.write(folder)
        with planted_files.opened(folder) as session:
            assert planted_files.examined(session, manifest) == ()
    assert place.held(USER) == before


def _healthy() -> Papers:
    """All services share two cores with other tests: a question that takes a tenth of a second elsewhere takes one."""
    papers = planted_files.healthy("openstack", dict(place.settings(USER)))
    papers.environment["preflight_limit_s"] = 120
    return papers
