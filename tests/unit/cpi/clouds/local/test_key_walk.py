"""Every key that the local cloud accepts has an effect, is refused with an error, or is a remark."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from cpi.clouds.local.machines import vm_records
from cpi.clouds.local.plugin import PLUGIN
from cpi.clouds.local.wire import config
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import (
    DiskRequest,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    PreflightRequest,
    SshAccess,
    StemcellCid,
    VmRequest,
)
from cpi.kit import properties
from tests.support import key_walk
from tests.support.key_walk import Acts, Document, Saying, Says, ShownBy

SILENT = "property-unused"
OWNER = OwnerKey(environment="e", deployment="d", action="a")
VM: Mapping[str, Saying] = {
    "cpu": Says(2, SILENT),
    "ram": Says(1024, SILENT),
    "ephemeral_disk": Says({"size": 1024}, SILENT),
    "instance_type": Says("m5.large", SILENT),
    "load_balancers": ShownBy(
        "tests/integration/local/test_load_balancers.py::test_connections_go_to_the_machines_that_serve"
    ),
    "ip_forwarding": ShownBy(
        "tests/integration/local/test_route_tables.py"
        "::test_packets_go_through_the_appliance_that_a_route_names_or_nowhere"
    ),
    "load_balancer_nat_rules": ShownBy(
        "tests/integration/local/test_inner_balancers.py"
        "::test_a_front_in_a_network_leads_to_all_machines_and_a_nat_rule_to_one"
    ),
}
DISK: Mapping[str, Saying] = {"type": Says("gp3", SILENT)}
NETWORK: Mapping[str, Saying] = {"network": Acts("one", "other")}
SETTINGS: Mapping[str, Saying] = {
    "state_root": Acts("/one", "/other"),
    "mode": ShownBy("tests/integration/local/test_flow.py::test_a_director_builds_a_cloud_and_takes_it_down"),
}
NETWORKS = (NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.9", prefix=24),)
REQUEST = VmRequest(
    name="web-0",
    owner=OWNER,
    agent_id="agent",
    stemcell_cid=StemcellCid("stemcell-0123456789abcdef"),
    networks=NETWORKS,
    ssh=SshAccess(user="", public_key="ssh-ed25519 AAAA me"),
)
WALKED: Mapping[str, tuple[type[properties.PropertiesModel], Mapping[str, Saying]]] = {
    "vm": (config.VmProperties, VM),
    "disk": (config.DiskProperties, DISK),
    "network": (config.NetworkProperties, NETWORK),
    "settings": (config.LocalConfig, SETTINGS),
}


@pytest.mark.parametrize("name", WALKED)
def test_no_key_is_silent(name: str) -> None:
    model, said = WALKED[name]
    assert key_walk.silent_keys(model, said) == []


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, walked in WALKED.items() for path in walked[1]])
def test_what_is_said_of_a_key_is_so(name: str, path: str, tmp_path: Path) -> None:
    wrong = key_walk.wrong_with(
        path,
        WALKED[name][1][path],
        {},
        outcome=lambda document: _outcome(name, document),
        codes_of=lambda document: _codes(name, document, tmp_path),
    )
    assert wrong == ""


@pytest.mark.parametrize(("name", "key"), [("vm", "cpus"), ("disk", "typ")])
def test_a_misspelt_key_is_refused_before_anything_is_made(name: str, key: str, tmp_path: Path) -> None:
    assert _codes(name, {key: 1}, tmp_path) == {"unknown-cloud-property"}


@pytest.mark.parametrize("name", ["vm", "disk", "network"])
def test_a_key_of_another_cloud_is_a_remark(name: str, tmp_path: Path) -> None:
    assert _codes(name, {"datastores": ["one"]}, tmp_path) == {SILENT}


def _outcome(name: str, document: Document) -> object:
    """The service's settings of a network, or of the cloud's state directory."""
    if name == "settings":
        return config.read_config(document).state_root
    network = dataclasses.replace(NETWORKS[0], cloud_properties=document)
    (nic,) = vm_records.write_vm(dataclasses.replace(REQUEST, networks=(network,)))["nics"]
    return nic["network"]


def _codes(name: str, document: Document, folder: Path) -> set[str]:
    """What preflight refuses or remarks; what it says of the machine is left out."""
    inner = tuple(dataclasses.replace(network, cloud_properties=document) for network in NETWORKS)
    vms = {
        "vm": (dataclasses.replace(REQUEST, cloud_properties=document),),
        "network": (dataclasses.replace(REQUEST, cloud_properties={}, networks=inner),),
    }
    request = PreflightRequest(
        vms=vms.get(name, ()),
        disks=(DiskRequest(owner=OWNER, size_mib=1, cloud_properties=document),) if name == "disk" else (),
        landing=(LandingResource(kind="network", name="default", properties={"cidr": "10.0.0.0/24"}),),
    )
    settings = ConnectSettings(environment="e", state_dir=str(folder), properties={"state_root": str(folder)})
    preflight = PLUGIN.connect(settings).preflight
    assert preflight is not None
    try:
        found = preflight.preflight(request)
    except CloudError as error:
        return {error.code}
    return {one.code for one in found if one.code in (SILENT, "unknown-cloud-property", "wrong-cloud-property")}
