"""The environment's tags on everything that the memory cloud makes, as on every other."""

import re
from dataclasses import replace

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.plugin import PLUGIN
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from tests.contract.cloud.subjects import prepare

TAGS = {"CostCenter": "4711", "owner": "platform team"}


def test_everything_bears_them_and_a_tag_of_the_request_wins() -> None:
    cloud = MemoryCloud(Rules(has_storage=True), tags=TAGS)
    subject = prepare(connect_cloud(cloud))
    vm = cloud.create_vm(replace(subject.vm_request("a"), tags={"owner": "team web"})).cid
    cloud.snapshot_disk(cloud.create_disk(subject.disk_request("d")), subject.owner("s"))
    labels = cloud.labels()
    assert {re.split("[-:]", cid)[0] for cid in labels} == {
        *("vm", "disk", "snapshot", "stemcell", "network", "public_address", "storage")
    }
    assert labels[vm] == {"CostCenter": "4711", "owner": "team web"}
    assert [cid for cid, tags in labels.items() if cid != vm and not tags.items() >= TAGS.items()] == []


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"compleat-action": "x"}, "tag-name-reserved"),
        ({"a": "x" * 257}, "tag-too-long"),
        ({"a/b": "x"}, "tag-not-allowed"),
        ({str(number): "" for number in range(51)}, "too-many-tags"),
    ],
)
def test_tags_that_it_does_not_take_are_refused_when_connecting(tags: dict[str, str], code: str) -> None:
    with pytest.raises(CloudError) as raised:
        PLUGIN.connect(ConnectSettings(environment="e", state_dir="", properties={}, tags=tags))
    assert raised.value.code == code
