"""Faults in what an operator writes, and in the account, by `compleat doctor MANIFEST` and `compleat up`.

All are found together, in time, with exit code 3, and AWS was asked to make nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cpi.clouds.aws.wire import names
from tests.support import planted_files
from tests.support.aws import back
from tests.support.aws.emulator import Emulator
from tests.support.aws.planted import writes
from tests.support.planted_files import ENVIRONMENT, Papers

pytestmark = pytest.mark.slow

_LIMIT_S = 10.0
Plant = Callable[[Papers, Emulator], object]


def _bucket(papers: Papers, emulator: Emulator) -> None:
    name = names.bucket_name(ENVIRONMENT, account=back.ACCOUNT, region=back.REGION)
    back.s3().create_bucket(name, back.REGION)


FAULTS: Mapping[str, Plant] = {
    "unknown-instance-type": lambda papers, _: papers.add_vm_type("odd", instance_type="t9.odd"),
    "instance-type-missing": lambda papers, _: papers.add_vm_type("none"),
    "instance-type-not-in-zone": lambda papers, _: papers.add_vm_type("far", instance_type="trn1.2xlarge"),
    "unknown-cloud-property": lambda papers, _: papers.add_vm_type("typo", instance_typ="t3.micro"),
    "wrong-cloud-property": lambda papers, _: papers.add_vm_type(
        "big", instance_type="t3.micro", root_disk={"size": "x"}
    ),
    "property-not-supported": lambda papers, _: papers.add_vm_type(
        "old", instance_type="t3.micro", raw_instance_storage=True
    ),
    "unknown-key-pair": lambda papers, _: papers.add_vm_type("key", instance_type="t3.micro", key_name="nobodys"),
    "unknown-target-group": lambda papers, _: papers.add_vm_type(
        "web", instance_type="t3.micro", lb_target_groups=["nobodys"]
    ),
    "image-architecture": lambda papers, _: papers.add_vm_type("arm", instance_type="t4g.micro"),
    "unknown-image": lambda papers, _: papers.properties.update(default_version="99"),
    "unknown-zone": lambda papers, _: papers.properties.update(zones=["us-east-1a", "us-east-1b", "us-east-1z"]),
    "disk-size-invalid": lambda papers, _: papers.add_disk_type("huge", 17 * 1024 * 1024),
    "unknown-volume-type": lambda papers, _: papers.add_disk_type("odd-disk", 1024, type="gp9"),
    "unknown-cloud-property:disk": lambda papers, _: papers.add_disk_type("typo-disk", 1024, tipe="gp3"),
    "address-reserved": lambda papers, _: papers.add_static("10.0.0.3"),
    "ranges-overlap": lambda papers, _: papers.environment["networks"].update(more="10.0.128.0/18"),
    "unknown-hosted-zone": lambda papers, _: papers.properties.update(
        dns_names={"jumpbox": "jump.example.org"}, hosted_zone_id="Z0123456789ABCDEFGHIJ"
    ),
    "quota-exceeded": lambda _, emulator: emulator.account.limits.update({"ec2/L-1216C47A": 3.0}),
    "quota-exceeded:addresses": lambda _, emulator: emulator.account.limits.update({"ec2/L-0263D0A3": 1.0}),
    "quota-exceeded:vpcs": lambda _, emulator: emulator.account.limits.update({"vpc/L-F678F1CE": 1.0}),
    "quota-exceeded:disks": lambda _, emulator: emulator.account.limits.update({"ebs/L-7A658B76": 0.0}),
    "permissions-missing": lambda _, emulator: emulator.account.denied.add("ec2:ReleaseAddress"),
    "clock-skew": lambda _, emulator: setattr(emulator.front, "skew_s", -600.0),
    "name-taken": _bucket,
}
"""The expected code, and after a colon one of several faults with that code."""


@pytest.mark.parametrize("seed", range(12))
def test_five_faults_of_a_manifest_are_told_together(emulator: Emulator, tmp_path: Path, seed: int) -> None:
    papers = planted_files.healthy("aws", emulator.settings())
    names = planted_files.five(FAULTS, seed)
    for name in names:
        FAULTS[name](papers, emulator)
    before, manifest = emulator.inventory(), papers.write(tmp_path)
    with planted_files.opened(tmp_path) as session:
        began = session.world.runner.now()
        assert planted_files.fatal(planted_files.examined(session, manifest)) == planted_files.codes(names)
        assert session.world.runner.now() - began < _LIMIT_S
    assert (writes(emulator), emulator.inventory()) == ([], before)


def test_doctor_and_up_end_with_3_and_say_what_why_and_how_to_mend_it(emulator: Emulator, tmp_path: Path) -> None:
    names = [
        "unknown-instance-type",
        "unknown-volume-type",
        "quota-exceeded:vpcs",
        "ranges-overlap",
        "unknown-image",
    ]
    papers = planted_files.healthy("aws", emulator.settings())
    for name in names:
        FAULTS[name](papers, emulator)
    ended = planted_files.refused(papers, tmp_path)
    assert ended.codes == planted_files.codes(names)
    assert "aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE" in ended.words
    assert ended.took_s < _LIMIT_S
    assert (writes(emulator), emulator.inventory()) == ([], ())


def test_a_range_that_aws_does_not_take_is_a_mistake_of_the_environments_file(
    emulator: Emulator, tmp_path: Path
) -> None:
    papers = planted_files.healthy("aws", emulator.settings())
    papers.environment["networks"] = {"default": "10.0.0.0/29"}
    manifest = papers.write(tmp_path)
    ran = planted_files.operator(tmp_path).run("doctor", str(manifest)).ended(3)
    assert (
        "network-range-invalid: 10.0.0.0/29 is not a valid network on AWS." in ran.err,
        "trial.yml:" in ran.err,
    ) == (
        True,
        True,
    )


def test_nothing_is_invented_about_fifty_healthy_manifests(emulator: Emulator, tmp_path: Path) -> None:
    planted_files.healthy("aws", emulator.settings()).write(tmp_path)
    with planted_files.opened(tmp_path) as session:
        healthy = [planted_files.ten("aws", emulator.settings(), tmp_path / str(seed), seed=seed) for seed in range(5)]
        reported = [planted_files.examined(session, *manifests) for manifests in healthy]
    assert (reported, writes(emulator)) == ([()] * 5, [])
