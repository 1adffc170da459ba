"""The environment's tags are on everything that AWS keeps for us, from birth, by the account's own inventory."""

from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.wire.config import read_config
from cpi.contract.errors import CloudError
from cpi.contract.values import DiskRequest, OwnerKey, StemcellRequest
from tests.contract.cloud.subjects import ENVIRONMENT, prepare
from tests.support import disk_images
from tests.support.aws.emulator import Emulator

KEY = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
TAGS = {"CostCenter": "4711", "Team": "platform"}
OWNER = OwnerKey(environment=ENVIRONMENT, deployment="d", action="a/1")
UNTAGGED = {"dns-record", "network-interface"}
"""What AWS keeps no tags on; of interfaces that come with an instance moto keeps none, though the call says them."""


def test_everything_in_the_account_bears_them(emulator: Emulator, tmp_path: Path) -> None:
    written = emulator.settings(public_key=KEY)
    subject = replace(
        prepare(connect_cloud(read_config(written), ENVIRONMENT, tags=TAGS)),
        vm_properties={"instance_type": "t3.micro", "tags": {"Team": "its own"}},
        landed_network="main-z1",
    )
    cloud = subject.connected.cloud
    vm = cloud.create_vm(subject.vm_request("web")).cid
    disk = cloud.create_disk(DiskRequest(owner=OWNER, size_mib=1024, vm_cid=vm))
    cloud.snapshot_disk(disk, OWNER)
    image = str(disk_images.write_raw(tmp_path))
    own = StemcellRequest(owner=replace(OWNER, action="a/2"), os="own", version="1", image_path=image)
    cloud.create_stemcell(own)
    held = [one for one in emulator.inventory() if one.kind not in UNTAGGED]
    lacking = [f"{one.kind} {one.id}" for one in held if one.tags.get("CostCenter") != "4711"]
    assert (lacking, len({one.kind for one in held}) > 12) == ([], True)
    (instance,) = [one for one in held if one.kind == "instance"]
    assert instance.tags["Team"] == "its own"


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"compleat-environment": "x"}, "tag-not-allowed"),
        ({"aws:x": "y"}, "tag-not-allowed"),
        ({"k" * 129: "y"}, "tag-too-long"),
        ({"k": "y" * 257}, "tag-too-long"),
        ({f"k{n}": "y" for n in range(51)}, "too-many-tags"),
    ],
    ids=["ours", "amazon's", "name", "value", "many"],
)
def test_tags_that_aws_would_not_keep_are_refused_before_anything_is_asked(
    emulator: Emulator, tags: dict[str, str], code: str
) -> None:
    with pytest.raises(CloudError) as raised:
        connect_cloud(read_config(emulator.settings()), ENVIRONMENT, tags=tags)
    assert (raised.value.code, emulator.calls()) == (code, [])
