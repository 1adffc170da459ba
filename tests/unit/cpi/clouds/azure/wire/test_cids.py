"""CIDs of BOSH's Azure CPI are read, or refused with an error: never treated as missing resources."""

import pytest

from cpi.clouds.azure.wire import cids
from cpi.contract.errors import CloudError
from tests.unit.cpi.clouds.azure import requests

AGENT = "5f1b8a1e-2f63-4a3e-8f0e-0123456789ab"
THERE = "/subscriptions/s/resourceGroups/theirs/providers/Microsoft.Compute"


@pytest.mark.parametrize(
    ("cid", "what", "path"),
    [
        ("test-vm-0123", "VM", f"{requests.ROOT}/Microsoft.Compute/virtualMachines/test-vm-0123"),
        (AGENT, "VM", f"{requests.ROOT}/Microsoft.Compute/virtualMachines/{AGENT}"),
        (f"agent_id:{AGENT};resource_group_name:theirs", "VM", f"{THERE}/virtualMachines/{AGENT}"),
        (
            "caching:None;disk_name:bosh-disk-data-1;resource_group_name:theirs",
            "disk",
            f"{THERE}/disks/bosh-disk-data-1",
        ),
        ("bosh-disk-data-1-None", "disk", f"{requests.ROOT}/Microsoft.Compute/disks/bosh-disk-data-1-None"),
        (
            "caching:None;disk_name:bosh-disk-data-2;resource_group_name:theirs",
            "snapshot",
            f"{THERE}/snapshots/bosh-disk-data-2",
        ),
    ],
)
def test_what_means_a_managed_disk_or_its_vm_is_read(cid: str, what: str, path: str) -> None:
    assert cids.path_of(cid, what, requests.PLACES) == path


@pytest.mark.parametrize(
    ("cid", "what", "why"),
    [
        (f"agent_id:{AGENT};resource_group_name:g;storage_account_name:a", "VM", "in a storage account"),
        (f"account1-{AGENT}", "VM", "in a storage account"),
        ("caching:None;disk_name:bosh-data-1;storage_account_name:a", "disk", "in a storage account"),
        (f"bosh-data-account1-{AGENT}-None", "disk", "in a storage account"),
        ("resource_group_name:g", "VM", "no agent_id"),
        (f"agent_id:{AGENT}", "disk", "no disk_name"),
        ("disk_name:../../x;caching:None", "disk", "It is not a valid name of an Azure resource"),
        ("a/b", "VM", "It is not a valid name of an Azure resource"),
        ("", "VM", "It is not a valid name of an Azure resource"),
    ],
)
def test_what_this_plugin_cannot_look_at_is_refused(cid: str, what: str, why: str) -> None:
    with pytest.raises(CloudError) as raised:
        cids.read(cid, what)
    assert (raised.value.code, why in raised.value.why) == ("foreign-cid", True)
