"""Stemcells, tags and disks as a BOSH director sends them: handled as by BOSH's AWS CPI, or refused with an error."""

from dataclasses import replace

import pytest

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.wire.config import read_config
from cpi.contract.errors import CloudError
from cpi.contract.values import ENVIRONMENT_ITSELF, DiskRequest, JsonValue, StemcellCid, StemcellRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back
from tests.support.aws.emulator import Emulator


def _image(subject: Subject) -> str:
    return subject.stemcell.rpartition(":")[2]


def _stemcell(subject: Subject, **properties: JsonValue) -> StemcellRequest:
    return StemcellRequest(
        owner=subject.owner("stemcell", ENVIRONMENT_ITSELF),
        os="ubuntu",
        version="1.1",
        cloud_properties={"ami": {"us-east-1": _image(subject), "eu-central-1": _image(subject)}, **properties},
        tags={"any": "value"},
    )


def test_tags_of_a_stemcell_stand_on_it_and_a_cloud_property_s_win(landed: Subject, emulator: Emulator) -> None:
    cloud = landed.connected.cloud
    cid = cloud.create_stemcell(_stemcell(landed, tags={"team": "web", "any": 5}))
    (template,) = [one for one in emulator.inventory() if one.id == cid.partition(":")[0]]
    assert {name: template.tags.get(name) for name in ("any", "team")} == {"any": "5", "team": "web"}


def test_an_encrypted_stemcell_is_one_whose_disks_are_encrypted_by_the_settings(
    landed: Subject, emulator: Emulator
) -> None:
    assert landed.connected.cloud.create_stemcell(_stemcell(landed, encrypted=True))
    plain = connect_cloud(read_config(emulator.settings(encrypted=False)), ENVIRONMENT).cloud
    asked: list[dict[str, JsonValue]] = [{"encrypted": True}, {"kms_key_arn": "arn:aws:kms:us-east-1:1:key/x"}]
    for properties in asked:
        with pytest.raises(CloudError) as caught:
            plain.create_stemcell(_stemcell(landed, **properties))
        assert caught.value.code == "stemcell-encryption-differs"
    with pytest.raises(CloudError) as caught:
        plain.create_stemcell(_stemcell(landed, kernel_id="aki-1"))
    assert caught.value.code == "property-not-supported"


def test_a_disk_of_another_zone_is_said_before_the_vm_is_made(landed: Subject, emulator: Emulator) -> None:
    cloud = landed.connected.cloud
    properties: dict[str, JsonValue] = {"availability_zone": f"{emulator.region}b"}
    disk = cloud.create_disk(DiskRequest(owner=landed.owner("d"), size_mib=1024, cloud_properties=properties))
    with pytest.raises(CloudError) as caught:
        cloud.create_vm(replace(landed.vm_request("a"), disk_cids=(disk,)))
    assert caught.value.code == "disk-in-other-zone"
    assert [one for one in emulator.inventory() if one.kind == "instance"] == []


def test_a_stemcell_of_bosh_is_used_and_its_image_is_not_deleted_in_silence(
    landed: Subject, emulator: Emulator
) -> None:
    cloud, image = landed.connected.cloud, _image(landed)
    assert cloud.create_vm(replace(landed.vm_request("a"), stemcell_cid=StemcellCid(f"{image} light"))).cid
    before = emulator.inventory()
    cloud.delete_stemcell(StemcellCid(f"{image} light"))
    with pytest.raises(CloudError) as caught:
        cloud.delete_stemcell(StemcellCid(image))
    assert (caught.value.code, emulator.inventory()) == ("foreign-cid", before)
    cloud.delete_stemcell(StemcellCid("ami-0123456789abcdef0"))


def test_more_tags_than_aws_keeps_are_no_lack_of_disk_space(landed: Subject) -> None:
    cloud = landed.connected.cloud
    disk = cloud.create_disk(landed.disk_request("d"))
    cloud.set_disk_metadata(disk, {f"first-{number}": "x" for number in range(40)})
    with pytest.raises(CloudError) as caught:
        cloud.set_disk_metadata(disk, {f"second-{number}": "x" for number in range(41)})
    assert (caught.value.code, len(back.ec2().volumes[disk].get_tags()) < 51) == ("too-many-tags", True)
