"""A VM as it is sent, whole, and VMs as they are read."""

import base64
from typing import Any

import pytest

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.machines import vms
from cpi.contract.errors import CloudError
from cpi.contract.values import DiskCid, SshAccess, VmState
from tests.unit.cpi.clouds.azure import requests

IMAGE = stemcells.read_image("Debian:debian-12:12-gen2:1.2")


def _disk(name: str, lun: int) -> dict[str, Any]:
    return {"lun": lun, "managedDisk": {"id": f"/x/{name}"}, "caching": "None", "diskSizeGB": 1}


def _with_disks(*disks: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"storageProfile": {"dataDisks": list(disks)}}}


def test_a_vm_is_sent_whole() -> None:
    body = vms.render_vm(
        requests.vm(),
        requests.settings(),
        vms.AzureVmParts(nic_ids=["/nic0", "/nic1"], image=IMAGE),
        places=requests.PLACES,
    )
    script = base64.b64decode(body["properties"]["osProfile"].pop("customData")).decode()
    assert script.startswith("#!/bin/sh\n")
    assert requests.KEY in script
    assert body == {
        "location": "westeurope",
        "tags": {"job": "web", **requests.OWNER_TAGS},
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_B2s"},
            "storageProfile": {
                "imageReference": {"publisher": "Debian", "offer": "debian-12", "sku": "12-gen2", "version": "1.2"},
                "osDisk": {
                    "createOption": "FromImage",
                    "deleteOption": "Delete",
                    "caching": "ReadWrite",
                    "managedDisk": {"storageAccountType": "StandardSSD_LRS"},
                },
                "dataDisks": [],
            },
            "osProfile": {
                "computerName": "web-0",
                "adminUsername": "vcap",
                "linuxConfiguration": {
                    "disablePasswordAuthentication": True,
                    "ssh": {"publicKeys": [{"path": "/home/vcap/.ssh/authorized_keys", "keyData": requests.KEY}]},
                },
            },
            "networkProfile": {
                "networkInterfaces": [
                    {"id": "/nic0", "properties": {"primary": True, "deleteOption": "Delete"}},
                    {"id": "/nic1", "properties": {"primary": False, "deleteOption": "Delete"}},
                ]
            },
            "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        },
    }


def test_what_was_chosen_is_sent() -> None:
    request = requests.vm(
        instance_types=["Standard_D2s_v5", "Standard_D4s_v5"],
        availability_zone="2",
        root_disk={"size": 51201, "type": "Premium_LRS"},
        caching="ReadOnly",
        tags={"a?b": "c"},
    )
    body = vms.render_vm(
        request,
        requests.settings(),
        vms.AzureVmParts(nic_ids=["/nic0"], image=stemcells.read_image("/image")),
        places=requests.PLACES,
    )
    assert body["zones"] == ["2"]
    assert body["tags"] == {"a_b": "c", "job": "web", **requests.OWNER_TAGS}
    assert body["properties"]["hardwareProfile"] == {"vmSize": "Standard_D2s_v5"}
    assert body["properties"]["storageProfile"] == {
        "imageReference": {"id": "/image"},
        "osDisk": {
            "createOption": "FromImage",
            "deleteOption": "Delete",
            "caching": "ReadOnly",
            "diskSizeGB": 51,
            "managedDisk": {"storageAccountType": "Premium_LRS"},
        },
        "dataDisks": [],
    }


def test_an_availability_set_is_sent_by_id_and_no_zone_beside_it() -> None:
    request = requests.vm(availability_set={"name": "web", "platform_fault_domain_count": 3})
    body = vms.render_vm(
        request,
        requests.settings(),
        vms.AzureVmParts(nic_ids=["/nic0"], image=IMAGE, set_id="/sets/web"),
        places=requests.PLACES,
    )
    assert (body["properties"]["availabilitySet"], "zones" in body) == ({"id": "/sets/web"}, False)
    with pytest.raises(CloudError) as raised:
        vms.read_properties(requests.vm(availability_set="web", availability_zone="1"), requests.settings())
    assert raised.value.code == "zone-and-availability-set"


def test_azure_takes_no_root_so_another_user_is_made_beside_it() -> None:
    request = requests.vm()
    profile = vms.render_vm(
        type(request)(
            name="web-0",
            owner=requests.OWNER,
            agent_id="a",
            stemcell_cid=request.stemcell_cid,
            networks=request.networks,
            ssh=SshAccess(user="root", public_key=requests.KEY),
        ),
        requests.settings(),
        vms.AzureVmParts(nic_ids=["/nic0"], image=IMAGE),
        places=requests.PLACES,
    )["properties"]["osProfile"]
    assert profile["adminUsername"] == "vcap"
    assert "user=root\n" in base64.b64decode(profile["customData"]).decode()


def test_disks_that_stay_are_repeated_and_the_lowest_free_lun_is_taken() -> None:
    vm = _with_disks(_disk("one", 0), _disk("three", 2))
    entries = vms.render_data_disks(vm)
    assert entries == [
        {
            "lun": lun,
            "createOption": "Attach",
            "caching": "None",
            "deleteOption": "Detach",
            "managedDisk": {"id": f"/x/{name}"},
        }
        for name, lun in (("one", 0), ("three", 2))
    ]
    assert (vms.free_lun(entries), vms.free_lun([])) == (1, 0)
    assert vms.render_disks_patch(entries[:1]) == {"properties": {"storageProfile": {"dataDisks": entries[:1]}}}


def test_disks_of_a_vm_are_read_by_lun() -> None:
    vm = _with_disks(_disk("two", 1), _disk("one", 0))
    assert vms.read_disks(vm) == (DiskCid("one"), DiskCid("two"))
    assert (vms.lun_of(vm, DiskCid("two")), vms.lun_of(vm, DiskCid("none"))) == (1, None)
    assert vms.hint(1) == "/dev/disk/azure/scsi1/lun1"


@pytest.mark.parametrize(
    ("codes", "provisioning", "expected"),
    [
        (["ProvisioningState/succeeded", "PowerState/running"], "Succeeded", VmState.RUNNING),
        (["PowerState/starting"], "Creating", VmState.RUNNING),
        (["PowerState/deallocated"], "Succeeded", VmState.STOPPED),
        ([], "Creating", VmState.RUNNING),
        ([], "Failed", VmState.STOPPED),
        (["PowerState/running"], "Failed", VmState.RUNNING),
    ],
)
def test_a_vms_state_is_its_power_and_failed_where_it_never_came_up(
    codes: list[str], provisioning: str, expected: VmState
) -> None:
    view = {"statuses": [{"code": code} for code in codes]}
    assert vms.read_state({"properties": {"instanceView": view, "provisioningState": provisioning}}) is expected
