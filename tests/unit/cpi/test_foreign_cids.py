"""CIDs of another cloud's CPI are refused with an error by each of our plugins, before any call."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cpi.contract.cloud import Cloud, ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import DiskCid, JsonValue, SnapshotCid, StemcellCid, VmCid
from cpi.kit import foreign_cids
from cpi.plugins import find_plugin

UUID = "5f1b8a1e-2f63-4a3e-8f0e-0123456789ab"
AMI, TEMPLATE, INSTANCE = "ami-0123456789abcdef0", "lt-0123456789abcdef0", "i-0123456789abcdef0"
OF_AZURE = f"agent_id:{UUID};resource_group_name:theirs"
PLUGINS: Mapping[str, Mapping[str, JsonValue]] = {
    "aws": {"region": "eu-central-1", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "x"},
    "openstack": {"auth_url": "http://127.0.0.1:1/v3", "username": "u", "api_key": "p", "project": "t"},
    "local": {},
}
FOREIGN = {
    "aws": (f"vm-{UUID}", UUID, OF_AZURE, f"{UUID} light", "vm-0123456789abcdef"),
    "openstack": (f"vm-{UUID}", INSTANCE, OF_AZURE, f"{AMI} light"),
    "local": (f"vm-{UUID}", UUID, INSTANCE, OF_AZURE, f"{TEMPLATE}:{AMI}"),
}
CALLS: Mapping[str, Callable[[Cloud, str], object]] = {
    "has_vm": lambda cloud, cid: cloud.has_vm(VmCid(cid)),
    "delete_vm": lambda cloud, cid: cloud.delete_vm(VmCid(cid)),
    "get_disks": lambda cloud, cid: cloud.get_disks(VmCid(cid)),
    "set_vm_metadata": lambda cloud, cid: cloud.set_vm_metadata(VmCid(cid), {"a": "b"}),
    "has_disk": lambda cloud, cid: cloud.has_disk(DiskCid(cid)),
    "delete_disk": lambda cloud, cid: cloud.delete_disk(DiskCid(cid)),
    "resize_disk": lambda cloud, cid: cloud.resize_disk(DiskCid(cid), 2048),
    "delete_snapshot": lambda cloud, cid: cloud.delete_snapshot(SnapshotCid(cid)),
    "delete_stemcell": lambda cloud, cid: cloud.delete_stemcell(StemcellCid(cid)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_another_cpi_made_is_neither_absent_nor_deleted(plugin: str, call: str, tmp_path: Path) -> None:
    settings = ConnectSettings(environment="e", state_dir=str(tmp_path), properties=PLUGINS[plugin])
    cloud = find_plugin(plugin).connect(settings).cloud
    said = []
    for cid in FOREIGN[plugin]:
        with pytest.raises(CloudError) as caught:
            CALLS[call](cloud, cid)
        said.append((caught.value.code, "It has the form of CIDs of the" in caught.value.why))
    assert said == [("foreign-cid", True)] * len(FOREIGN[plugin])


@pytest.mark.parametrize(
    ("cid", "cloud"),
    [
        ("vm-that-never-was", "AWS"),
        ("i-0123456789abcdef0", "AWS"),
        ("ami-0123456789abcdef0 light", "AWS"),
        ("lt-0123456789abcdef0:ami-0123456789abcdef0", "AWS"),
        (UUID, "OpenStack"),
        (f"{UUID} light", "OpenStack"),
        (f"{UUID}:{UUID}", "OpenStack"),
        (f"port:{UUID}", "OpenStack"),
        (UUID, "Azure"),
        (f"agent_id:{UUID};resource_group_name:theirs", "Azure"),
        (f"bosh-disk-data-{UUID}", "Azure"),
        ("vm-0123456789abcdef", "local"),
    ],
)
def test_a_cloud_s_own_forms_pass_and_what_is_written_as_none_s_too(cid: str, cloud: str) -> None:
    foreign_cids.require_own(cid, what="VM", cloud=cloud)
