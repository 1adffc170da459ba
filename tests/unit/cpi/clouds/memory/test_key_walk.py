"""Every key that the memory cloud accepts has an effect, is refused with an error, or is a remark."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cpi.clouds.memory import rules
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.config import MemoryConfig, read_config
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import MemoryImage, Rules
from cpi.contract.values import DiskRequest, Finding, OwnerKey, PreflightRequest, StemcellRequest
from tests.contract.cloud.subjects import prepare
from tests.support import key_walk
from tests.support.key_walk import Acts, Document, Saying, Says

OWNER = OwnerKey(environment="e", deployment="d", action="a")
RULES = Rules(
    zones={"z1": frozenset({"small", "medium"})}, images={"default": MemoryImage(os="o", version="1")}, max_cpus=1
)
KEYS: Mapping[str, Mapping[str, Saying]] = {
    "vm": {"instance_type": Acts("small", "medium"), "zone": Says("z2", "unknown-zone")},
    "disk": {"zone": Acts("z1", "z2")},
    "network": {"network": Says("nowhere", "unknown-network")},
    "stemcell": {"image": Says("none", "unknown-image"), "architecture": Says("arm64", "image-architecture")},
}
SETTINGS: Mapping[str, Saying] = {
    "region": Acts("one", "two"),
    "max_vms": Acts(1, 2),
    "max_disks": Acts(1, 2),
    "networks": Acts({}, {"main": "10.0.0.0/24"}),
}


def test_every_property_that_is_read_has_a_row() -> None:
    assert {kind: tuple(sorted(rows)) for kind, rows in KEYS.items()} == rules.READ


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, rows in KEYS.items() for key in rows])
def test_what_is_said_of_a_property_is_so(kind: str, key: str) -> None:
    wrong = key_walk.wrong_with(
        key,
        KEYS[kind][key],
        {},
        outcome=lambda document: _outcome(kind, document),
        codes_of=lambda document: {one.code for one in _reported(kind, document)},
    )
    assert wrong == ""


@pytest.mark.parametrize("kind", KEYS)
def test_any_other_property_is_remarked_by_name(kind: str) -> None:
    (reported,) = (one for one in _reported(kind, {"mystery": 1}) if one.code == "property-unused")
    assert (reported.is_fatal, "mystery" in reported.what) == (False, True)
    assert not any(one.code == "property-unused" for one in _reported(kind, {}))


def test_no_setting_is_silent() -> None:
    assert key_walk.silent_keys(MemoryConfig, SETTINGS) == []
    for key, saying in SETTINGS.items():
        assert key_walk.wrong_with(key, saying, {}, outcome=read_config, codes_of=read_config) == ""


def _outcome(kind: str, document: Document) -> object:
    if kind == "vm":
        return _reported(kind, document)
    cloud = MemoryCloud(RULES)
    cid = cloud.create_disk(DiskRequest(owner=OWNER, size_mib=1, cloud_properties=document))
    return cloud.resources.disks[cid].zone


def _reported(kind: str, document: Document) -> tuple[Finding, ...]:
    subject = prepare(connect_cloud(MemoryCloud(RULES)))
    vm = replace(subject.vm_request("a", last=10), cloud_properties={})
    network = replace(vm.networks[0], cloud_properties={**vm.networks[0].cloud_properties})
    request = {
        "vm": PreflightRequest(vms=(replace(vm, cloud_properties=document),)),
        "disk": PreflightRequest(disks=(DiskRequest(owner=OWNER, size_mib=1, cloud_properties=document),)),
        "network": PreflightRequest(
            vms=(replace(vm, networks=(replace(network, cloud_properties={**network.cloud_properties, **document}),)),)
        ),
        "stemcell": PreflightRequest(
            stemcells=(StemcellRequest(owner=OWNER, os="o", version="1", cloud_properties=document),)
        ),
    }
    preflight = subject.connected.preflight
    assert preflight is not None
    return preflight.preflight(request[kind])
