"""Every key that Azure's plugin accepts, sub-keys too, has an effect, is refused with an error, or is a remark."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.azure.connect import places_of, scope_of
from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.images.stemcells import ImageReference
from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.machines import disks, load_balancers, networks, vms
from cpi.clouds.azure.preflight import disk_limits, unused_settings
from cpi.clouds.azure.wire import bosh_settings, config
from cpi.contract.errors import CloudError
from cpi.contract.values import DiskRequest, LandingSpec, NetworkSettings, StemcellRequest
from cpi.kit import properties
from tests.support import key_walk
from tests.support.key_walk import Acts, Document, Outcome, Saying, Says, ShownBy
from tests.unit.cpi.clouds.azure import requests

IMAGE = ImageReference(words=("Debian", "debian-12", "12-gen2", "12.0.1"))
_PROPERTIES = "tests/unit/cpi/clouds/azure/test_properties.py"
REFUSED, UNUSED = "property-not-supported", "property-unused"
DESCRIBED = ShownBy("tests/unit/cpi/clouds/azure/test_key_walk.py::test_what_a_stemcell_says_of_itself_changes_nothing")
SIGNED_IN = ShownBy("tests/integration/azure/test_bad_settings.py::test_what_is_wrong_is_told_by_its_code")

VM: Mapping[str, Saying] = {
    "instance_type": Acts("Standard_B2s", "Standard_D2s_v5"),
    "instance_types": Acts(["Standard_B2s"], ["Standard_D2s_v5"]),
    "availability_zone": Acts("1", 2),
    "availability_set.name": Acts("one", "other"),
    "availability_set.platform_update_domain_count": Acts(3, 4, {"availability_set.name": "one"}),
    "availability_set.platform_fault_domain_count": Acts(1, 2, {"availability_set.name": "one"}),
    "platform_update_domain_count": Acts(3, 4, {"availability_set": "one"}),
    "platform_fault_domain_count": Says(1, "domains-without-availability-set"),
    "root_disk.size": Acts(40960, 50000),
    "root_disk.type": Acts("Premium_LRS", "Standard_LRS"),
    "root_disk.placement": Acts("cache-disk", "resource-disk"),
    "root_disk.disk_encryption_set_name": Acts("keys", "others"),
    "ephemeral_disk.use_root_disk": Says(False, UNUSED),
    "ephemeral_disk.size": Acts(1024, 4096),
    "ephemeral_disk.type": Acts("Premium_LRS", "Standard_LRS"),
    "ephemeral_disk.caching": Acts("None", "ReadOnly"),
    "ephemeral_disk.iops": Says(500, UNUSED),
    "ephemeral_disk.mbps": Says(50, UNUSED),
    "ephemeral_disk.disk_encryption_set_name": Acts("keys", "others"),
    "caching": Acts("None", "ReadOnly"),
    "security_group.name": Acts("one", "other"),
    "security_group.resource_group_name": Acts("one", "other", {"security_group.name": "group"}),
    "application_security_groups": Acts(["one"], ["other"]),
    "assign_dynamic_public_ip": ShownBy(
        "tests/integration/azure/test_own_addresses.py::test_a_vm_has_a_public_address_of_its_own_while_it_lives"
    ),
    "ip_forwarding": Acts(True, False),
    "accelerated_networking": Acts(True, False),
    "load_balancer": Acts("one", "other"),
    "load_balancer_nat_rules": Acts(["one/a"], ["other/a"]),
    "application_gateway": Acts("one", "other"),
    "storage_account_name": Says("account", UNUSED),
    "storage_account_type": Acts("Premium_LRS", "Standard_LRS"),
    "storage_account_kind": Says("StorageV2", UNUSED),
    "storage_account_max_disk_number": Says(5, UNUSED),
    "resource_group_name": Says("another", REFUSED),
    "managed_identity.type": ShownBy(f"{_PROPERTIES}::test_a_managed_identity_is_of_one_of_two_types"),
    "managed_identity.user_assigned_identity_name": Acts("one", "other", {"managed_identity.type": "UserAssigned"}),
    "capacity_reservation_group": Acts("one", "other"),
    "capacity_reservation_group_id": Acts("/one", "/other"),
    "tags": Acts({"n": 1}, {"n": True}),
}
DISK: Mapping[str, Saying] = {
    "caching": Acts("ReadOnly", "None"),
    "storage_account_type": Acts("Premium_LRS", "Standard_LRS"),
    "iops": Acts(3000, 4000, {"storage_account_type": "PremiumV2_LRS"}),
    "mbps": Acts(125, 250, {"storage_account_type": "PremiumV2_LRS"}),
    "disk_encryption_set_name": Acts("keys", "others"),
    "availability_zone": Acts("1", 2),
    "type": Says("gp3", "property-unused"),
}
NETWORK: Mapping[str, Saying] = {
    "virtual_network_name": Acts("one", "other"),
    "subnet_name": Acts("one", "other"),
    "network": Acts("one", "other"),
    "resource_group_name": Acts("one", "other"),
    "security_group.name": Acts("one", "other"),
    "security_group.resource_group_name": Acts("one", "other", {"security_group.name": "group"}),
    "application_security_groups": Acts(["one"], ["other"]),
    "ip_forwarding": Acts(True, False),
    "accelerated_networking": Acts(True, False),
}
VIP: Mapping[str, Saying] = {
    "resource_group_name": ShownBy("tests/integration/azure/test_foreign.py::test_a_public_address_of_another_group")
}
STEMCELL: Mapping[str, Saying] = {
    "image.publisher": Acts("one", "other", {"image.offer": "o", "image.sku": "s"}),
    "image.offer": Acts("one", "other", {"image.publisher": "p", "image.sku": "s"}),
    "image.sku": Acts("one", "other", {"image.publisher": "p", "image.offer": "o"}),
    "image.version": Acts("1", "2", {"image.publisher": "p", "image.offer": "o", "image.sku": "s"}),
    "image_id": Acts("/one", "/other"),
    "os_type": Says("windows", "wrong-cloud-property"),
    "architecture": Says("arm64", REFUSED),
    "generation": ShownBy(
        "tests/unit/cpi/clouds/azure/images/test_stemcells.py::test_a_disk_is_sent_and_an_image_made_of_it_whole"
    ),
    **dict.fromkeys(
        (
            *("infrastructure", "hypervisor", "name", "version", "disk", "disk_format", "container_format"),
            *("os_distro", "root_device_name", "auto_disk_config"),
        ),
        DESCRIBED,
    ),
}
SETTINGS: Mapping[str, Saying] = {
    "subscription_id": Acts("one", "other"),
    "tenant_id": SIGNED_IN,
    "location": Acts("westeurope", "northeurope"),
    **dict.fromkeys(
        (f"credentials.{key}" for key in ("kind", "client_id", "client_secret", "expires", "path")),
        SIGNED_IN,
    ),
    **dict.fromkeys(
        (f"credentials.{key}" for key in ("resource_id", "certificate", "password", "token_file")),
        ShownBy("tests/unit/cpi/clouds/azure/wire/test_credential_kinds.py::test_each_way_has_its_credential"),
    ),
    **{name: Says("x", "setting-unused") for name in bosh_settings.WHY},
    "default_security_group": Acts("one", "other"),
    "environment": Acts("AzureCloud", "AzureChinaCloud"),
    "endpoints.resource_manager": Acts("https://one", "https://other"),
    "endpoints.authority": Acts("https://one", "https://other"),
    "endpoints.scope": Acts("one", "other"),
    "endpoints.graph": Acts("https://one", "https://other"),
    "endpoints.graph_scope": Acts("one", "other"),
    "endpoints.prices": Acts("https://one", "https://other"),
    "endpoints.ca_file": Acts("/one", "/other"),
    "endpoints.metadata": Acts("http://one", "http://other"),
    "endpoints.discovers_instance": Acts(True, False),
    "resource_group_name": Acts("", "kept"),
    "storage_account_prefix": ShownBy(
        "tests/integration/azure/test_bad_settings.py::test_what_is_wrong_is_told_by_its_code"
    ),
    "has_storage_account": Acts(True, False),
    "zones": Acts(["1"], []),
    "public_ports": Acts([22], [22, 443]),
    "public_sources": Acts(["192.0.2.0/24"], "198.51.100.0/24"),
    "dns_names": Acts({"jumpbox": "one"}, {"jumpbox": "other"}),
    "has_nat_gateway": Acts(True, False),
    "default_vm_size": Acts("Standard_B2s", "Standard_B1ms"),
    "default_image": Acts("Debian:debian-11:11-gen2:latest", "Debian:debian-12:12-gen2:latest"),
    "stemcell_images": ShownBy("tests/unit/cpi/clouds/test_stock_images.py::test_the_settings_name_another_image"),
    "stemcell_image.path": ShownBy("tests/unit/cpi/clouds/azure/test_key_walk.py::test_a_stemcell_image_is_sent"),
    "stemcell_image.os": Acts("one", "other", {"stemcell_image.path": "/i", "stemcell_image.version": "1"}),
    "stemcell_image.version": Acts("1", "2", {"stemcell_image.path": "/i", "stemcell_image.os": "one"}),
    "stemcell_generation": ShownBy(
        "tests/contract/cloud/test_heavy_stemcells.py::test_an_image_is_sent_used_and_deleted_without_a_rest"
    ),
    "default_managed_identity.type": ShownBy(f"{_PROPERTIES}::test_a_managed_identity_is_of_one_of_two_types"),
    "default_managed_identity.user_assigned_identity_name": Acts(
        "one", "other", {"default_managed_identity.type": "UserAssigned"}
    ),
    "pip_idle_timeout_in_minutes": Acts(4, 5),
    "operation_timeout_s": ShownBy(
        "tests/integration/azure/test_bad_settings.py::test_what_is_wrong_is_told_by_its_code"
    ),
}


def _vm(document: Document) -> object:
    request = requests.vm(**document)
    found = vms.read_properties(request, requests.settings())
    body = vms.render_vm(
        request, requests.settings(), vms.AzureVmParts(nic_ids=["/nic"], image=IMAGE), places=requests.PLACES
    )
    written = (found.load_balancer, found.application_gateway)
    pools = [[str(pool) for pool in load_balancers.read_pools(one or ())] for one in written]
    led = (*pools, found.load_balancer_nat_rules)
    return body, _nic(requests.network(), document), vms.set_counts(found) if vms.set_name(found) else None, led


def _nic(network: NetworkSettings, vm: Document, settings: config.AzureConfig | None = None) -> object:
    request = requests.vm(network, **vm)
    ((interface, *_), _) = networks.split(request)
    subnet_id, found = networks.placed(interface, requests.PLACES)
    requested = networks.InterfaceRequest(name="n", interface=interface, subnet_id=subnet_id, found=found)
    body = networks.render_nic(requested, request, settings or requests.settings(), places=requests.PLACES)
    return {**body, "tags": {}}  # the tags remember what was written, acted on or not


def _network(document: Document) -> object:
    return _nic(replace(requests.network(), cloud_properties=document), {})


def _disk(document: Document) -> object:
    request = DiskRequest(owner=requests.OWNER, size_mib=1024, cloud_properties=document)
    return disks.render_disk(request, requests.PLACES, zones=None), disk_limits.check_written([request])[0]


def _stemcell(document: Document) -> object:
    request = StemcellRequest(owner=requests.OWNER, os="o", version="1", cloud_properties=document, image_path="/image")
    found, settings = stemcells.read_stemcell(request), requests.settings()
    return stemcells.path_of(request, found, settings) or stemcells.image_of(found, settings)


def _settings(document: Document) -> object:
    settings = config.read_config(document)
    places, owner = places_of(settings, "test"), requests.OWNER
    spec = LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",))
    made = landing_bodies.landing_resources(spec, settings)
    bodies = [
        landing_bodies.render(one, owner, settings=settings, places=places)
        for one in made
        if one.kind != landing_bodies.SUBNET
    ]
    size = vms.size_of(config.VmProperties(), settings)
    address = networks.render_own_address(requests.vm(), settings, zones=["1"])
    identity = vms.identity_of(config.VmProperties(), settings)
    vm = (size, address, identity, _nic(requests.network(), {}, settings))
    return made, bodies, places, scope_of(settings), settings.where(), vm, stemcells.describe_default(settings)


BASE = {
    "subscription_id": "s",
    "location": "westeurope",
    "credentials": {"kind": "client_secret", "client_id": "c", "client_secret": "hush"},
    "tenant_id": "t",
}
WALKED: Mapping[str, tuple[type[properties.PropertiesModel], Mapping[str, Saying], Document, Outcome]] = {
    "vm": (config.VmProperties, VM, {}, _vm),
    "disk": (config.DiskProperties, DISK, {}, _disk),
    "network": (config.NetworkProperties, NETWORK, {}, _network),
    "vip": (config.VipProperties, VIP, {}, _network),
    "stemcell": (config.StemcellProperties, STEMCELL, {}, _stemcell),
    "settings": (config.AzureConfig, SETTINGS, BASE, _settings),
}


@pytest.mark.parametrize("name", WALKED)
def test_no_key_is_silent(name: str) -> None:
    model, said, _, _ = WALKED[name]
    assert key_walk.silent_keys(model, said) == []


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, walked in WALKED.items() for path in walked[1]])
def test_what_is_said_of_a_key_is_so(name: str, path: str) -> None:
    _, said, base, outcome = WALKED[name]
    assert key_walk.wrong_with(path, said[path], base, outcome=outcome, codes_of=lambda one: _codes(outcome, one)) == ""


def test_what_a_stemcell_says_of_itself_changes_nothing() -> None:
    described: dict[str, Any] = {"name": "bosh-azure", "version": "1.1", "infrastructure": "azure", "disk": "3072"}
    described |= {"hypervisor": "hyperv", "disk_format": "vhd", "container_format": "bare", "os_type": "linux"}
    described |= {"os_distro": "ubuntu", "architecture": "x86_64", "root_device_name": "/dev/sda1"}
    assert _stemcell({**described, "auto_disk_config": True}) == _stemcell({}) == "/image"


def test_a_stemcell_image_is_sent() -> None:
    settings = requests.settings(stemcell_image={"path": "/mine.vhd", "os": "mine", "version": "1"})
    request = StemcellRequest(owner=requests.OWNER, os="mine", version="1")
    assert stemcells.path_of(request, config.StemcellProperties(), settings) == "/mine.vhd"


def _codes(outcome: Outcome, document: Document) -> set[str]:
    """What a document is refused with, or remarked in preflight."""
    try:
        found: Any = outcome(document)
    except CloudError as error:
        return {error.code}
    request = requests.vm(**document) if outcome is _vm else requests.vm()
    if outcome is _settings:
        return {one.code for one in unused_settings.of_settings(config.read_config(document))}
    remarks = unused_settings.of_vm(request, vms.read_properties(request, requests.settings()))
    return {finding.code for finding in (*remarks, *(found[1] if outcome is _disk else ()))}
