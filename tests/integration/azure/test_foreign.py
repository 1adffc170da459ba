"""What another CPI made is seen and left alone; a public address may be in another group."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import (
    DiskCid,
    NetworkKind,
    NetworkSettings,
    OwnerQuery,
    PreflightRequest,
    StemcellCid,
    VmCid,
)
from cpi.kit import tags
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import compute
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.azure.tls import Certificates

SIZE = {"vmSize": "Standard_B2s"}
AGENT = "5f1b8a1e-2f63-4a3e-8f0e-0123456789ab"
THEIRS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs"
VM = VmCid(f"agent_id:{AGENT};resource_group_name:theirs")
DISK = DiskCid(f"caching:None;disk_name:bosh-disk-data-{AGENT};resource_group_name:theirs")
UNMANAGED = VmCid(f"agent_id:{AGENT};resource_group_name:theirs;storage_account_name:account")

CALLS: dict[str, Callable[[ConnectedCloud], object]] = {
    "delete_vm": lambda connected: connected.cloud.delete_vm(VM),
    "reboot_vm": lambda connected: connected.cloud.reboot_vm(VM),
    "set_vm_metadata": lambda connected: connected.cloud.set_vm_metadata(VM, {"a": "b"}),
    "delete_disk": lambda connected: connected.cloud.delete_disk(DISK),
    "attach_disk": lambda connected: connected.cloud.attach_disk(VM, DISK),
    "resize_disk": lambda connected: connected.cloud.resize_disk(DISK, 4096),
}


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[tuple[StandIn, Subject]]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        for path, kind in (
            (f"{compute.VM}/{AGENT}", compute.VM),
            (f"{compute.DISK}/bosh-disk-data-{AGENT}", compute.DISK),
        ):
            _plant(azure, f"{THEIRS}/providers/{path}", kind)
        yield azure, subject


def test_what_is_there_is_told_and_what_is_not_is_not(azure: tuple[StandIn, Subject]) -> None:
    cloud = azure[1].connected.cloud
    assert (cloud.has_vm(VM), cloud.has_disk(DISK)) == (True, True)
    assert cloud.has_vm(VmCid(VM.replace(AGENT, AGENT.replace("5", "6")))) is False


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_done_to_it_and_that_is_said(azure: tuple[StandIn, Subject], name: str) -> None:
    before = azure[0].place.store.inventory()
    with pytest.raises(CloudError) as caught:
        CALLS[name](azure[1].connected)
    assert caught.value.code == "name-taken"
    assert azure[0].place.store.inventory() == before


def test_what_cannot_be_looked_at_is_neither_absent_nor_deleted(azure: tuple[StandIn, Subject]) -> None:
    cloud = azure[1].connected.cloud
    for call in (
        lambda: cloud.has_vm(UNMANAGED),
        lambda: cloud.delete_vm(UNMANAGED),
        lambda: cloud.delete_stemcell(StemcellCid(f"bosh-stemcell-{AGENT}")),
    ):
        with pytest.raises(CloudError) as caught:
            call()
        assert caught.value.code == "foreign-cid"


def test_a_public_address_of_another_group(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    address = f"{THEIRS}/providers/Microsoft.Network/publicIPAddresses/kept"
    _plant(stand_in, address, "Microsoft.Network/publicIPAddresses", ipAddress="20.9.9.9")
    request = subject.vm_request("a1")
    public = NetworkSettings(
        name="public", kind=NetworkKind.VIP, ip="20.9.9.9", cloud_properties={"resource_group_name": "theirs"}
    )
    subject.connected.cloud.create_vm(replace(request, networks=(*request.networks, public)))
    assert "ipConfiguration" in stand_in.place.store.need(address).body["properties"]
    wrong = replace(public, cloud_properties={"resource_group": "x"})
    with pytest.raises(CloudError) as caught:
        subject.connected.cloud.create_vm(replace(request, networks=(*request.networks, wrong)))
    assert caught.value.code == "unknown-cloud-property"


def _plant(azure: StandIn, path: str, kind: str, **properties: str) -> None:
    """A resource of another owner, without our tags."""
    store = azure.place.store
    group = {"id": THEIRS, "name": "theirs", "type": "Microsoft.Resources/resourceGroups", "location": "westeurope"}
    store.put(Held(id=THEIRS, body={**group, "tags": {}, "properties": {"provisioningState": "Succeeded"}}))
    about = {"id": path, "name": path.rpartition("/")[2], "type": kind, "location": "westeurope", "tags": {}}
    store.put(
        Held(
            id=path,
            body={
                **about,
                "properties": {"diskSizeGB": 1, "storageProfile": {}, "hardwareProfile": SIZE, **properties},
            },
        )
    )


def test_a_network_of_another_location_is_found_and_refused_before_anything_is_made(
    azure: tuple[StandIn, Subject],
) -> None:
    stand_in, subject = azure
    network = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs/providers/Microsoft.Network/virtualNetworks/far"
    subnet = {"addressPrefix": "10.20.0.0/24"}
    for path, kind, properties in (
        (network, "Microsoft.Network/virtualNetworks", {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}}),
        (f"{network}/subnets/one", "Microsoft.Network/virtualNetworks/subnets", subnet),
    ):
        _plant(stand_in, path, kind, **properties)
    stand_in.place.store.held[network.lower()].body["location"] = "southeastasia"
    request = subject.vm_request("a1")
    there = {"virtual_network_name": "far", "subnet_name": "one", "resource_group_name": "theirs"}
    wrong = replace(request, networks=(replace(request.networks[0], ip="10.20.0.9", cloud_properties=there),))
    assert subject.connected.preflight is not None
    findings = subject.connected.preflight.preflight(PreflightRequest(vms=(wrong,)))
    assert "network-elsewhere" in [one.code for one in findings]
    before = stand_in.place.store.inventory()
    with pytest.raises(CloudError) as caught:
        subject.connected.cloud.create_vm(wrong)
    assert (caught.value.code, stand_in.place.store.inventory()) == ("network-elsewhere", before)


def test_300_resources_that_look_like_ours_in_our_own_group_are_not_listed(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    finder, landing = subject.connected.finder, subject.connected.landing
    assert finder is not None and landing is not None
    query = OwnerQuery(environment=ENVIRONMENT)
    listings = (
        *(finder.find_vms, finder.find_disks, finder.find_snapshots, finder.find_stemcells),
        lambda asked: landing.find_landing_resources(asked.environment),
    )
    before = [listing(query) for listing in listings]
    group = next(str(one["id"]) for one in stand_in.place.store.inventory() if "/networkSecurityGroups/" in one["id"])
    own = group.partition("/providers/")[0]
    for number in range(100):
        other = {tags.ENVIRONMENT: f"{ENVIRONMENT}-{number}", tags.DEPLOYMENT: "d", tags.ACTION: f"{number}/create"}
        for kind, tagged in enumerate((other, {tags.ENVIRONMENT: ENVIRONMENT, tags.ACTION: "a"}, {})):
            path = f"{own}/providers/{compute.DISK}/{ENVIRONMENT}-{kind}-{number}"
            _plant(stand_in, path, compute.DISK)
            stand_in.place.store.held[path.lower()].body["tags"] = tagged
    held = stand_in.place.store.inventory()
    assert [listing(query) for listing in listings] == before
    assert stand_in.place.store.inventory() == held
