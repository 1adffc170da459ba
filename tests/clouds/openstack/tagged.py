"""The environment's tags on a real OpenStack: on everything that is made, by the services' own lists.

Tests of test_contract.py, which has the project to itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.openstack.machines import networks
from cpi.clouds.openstack.plugin import PLUGIN
from cpi.clouds.openstack.wire import names
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    OwnerQuery,
    StemcellRequest,
    VmRequest,
)
from tests.clouds.openstack import place
from tests.clouds.openstack.patience import patiently
from tests.contract.cloud.subjects import Subject
from tests.support import disk_images

_ENVIRONMENT = "tagged"
_QUERY = OwnerQuery(environment=_ENVIRONMENT)
_TAGS = {"cost_center": "4711", "owner": "platform team", "city": "Köln"}
_SPEC = LandingSpec(networks={"main": "10.8.0.0/24"}, public_names=("jumpbox",))
_KINDS = {
    *("server", "volume", "snapshot", "image", "port", "router", "network", "subnet", "group", "address", "container"),
}


@pytest.fixture
def tagging() -> Iterator[ConnectedCloud]:
    """At the end nothing of it is left."""
    settings = ConnectSettings(
        environment=_ENVIRONMENT, state_dir="", properties=place.one_sector_settings(place.USER), tags=_TAGS
    )
    connected = patiently(PLUGIN.connect(settings))
    yield connected
    _take_down(connected)


def test_everything_that_is_made_bears_the_environment_s_tags(
    subject: Subject, tagging: ConnectedCloud, tmp_path: Path
) -> None:
    request = _land(tagging, subject)
    cloud = tagging.cloud
    vm = cloud.create_vm(request).cid
    disk = cloud.create_disk(replace(subject.disk_request("d1"), owner=_owner("d1"), vm_cid=vm))
    cloud.snapshot_disk(disk, _owner("s1"))
    image = str(disk_images.write_raw(tmp_path))
    cloud.create_stemcell(StemcellRequest(owner=_owner("sent"), os="own", version="1", image_path=image))
    found = place.tags(place.USER, _ENVIRONMENT)
    assert {what.partition(" ")[0] for what in found} == _KINDS
    lacking = {what: tags for what, tags in found.items() if not _has_them(what, tags)}
    assert lacking == {}


def test_a_port_that_was_cut_off_before_its_tags_gets_them_and_stays_its_vm_s(
    subject: Subject, tagging: ConnectedCloud
) -> None:
    request = _land(tagging, subject)
    assert tagging.landing is not None
    landed = tagging.landing.find_landing_resources(_ENVIRONMENT)
    network = next(one.outputs["main_network_id"] for one in landed if one.kind == "network")
    note = names.write_note(request.owner, "main")
    place.make_port(network=network, description=note, name=networks.port_name(request, 0))
    vm = tagging.cloud.create_vm(request).cid
    ports = {what: tags for what, tags in place.tags(place.USER, _ENVIRONMENT).items() if what.startswith("port")}
    assert [_has_them(what, tags) for what, tags in ports.items()] == [True]
    tagging.cloud.delete_vm(vm)
    assert [what for what in place.tags(place.USER, _ENVIRONMENT) if what.startswith("port")] == []


def _has_them(what: str, tags: Mapping[str, str]) -> bool:
    if what.startswith("container"):
        return tags.items() >= {"cost-center": "4711", "owner": "platform team"}.items() and "city" in tags
    wanted = {**_TAGS, "owner": "team web"} if what.startswith(("server", "port")) else _TAGS
    return tags.items() >= wanted.items()


def _land(tagging: ConnectedCloud, subject: Subject) -> VmRequest:
    landing = tagging.landing
    assert landing is not None
    found = [landing.create_landing_resource(one, _owner("land")) for one in landing.landing_resources(_SPEC)]
    address = next(one.outputs["jumpbox_public_ip"] for one in found if one.kind == "public_address")
    stemcell = tagging.cloud.create_stemcell(StemcellRequest(owner=_owner("stemcell"), os="debian", version="12"))
    plain = subject.vm_request("v1")
    manual = replace(plain.networks[0], ip="10.8.0.10", gateway="10.8.0.1", cloud_properties={})
    public = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)
    return replace(
        plain,
        name="tagged-0",
        owner=_owner("v1"),
        stemcell_cid=stemcell,
        networks=(manual, public),
        tags={"owner": "team web"},
    )


def _owner(action: str) -> OwnerKey:
    deployment = ENVIRONMENT_ITSELF if action in ("land", "stemcell", "sent") else "app"
    return OwnerKey(environment=_ENVIRONMENT, deployment=deployment, action=action)


def _take_down(connected: ConnectedCloud) -> None:
    cloud, finder, landing = connected.cloud, connected.finder, connected.landing
    assert finder is not None and landing is not None
    for vm in finder.find_vms(_QUERY):
        cloud.delete_vm(vm.created.cid)
    place.await_no_servers(place.USER)
    for snapshot in finder.find_snapshots(_QUERY):
        cloud.delete_snapshot(snapshot.cid)
    for disk in finder.find_disks(_QUERY):
        cloud.delete_disk(disk.cid)
    for stemcell in finder.find_stemcells(_QUERY):
        cloud.delete_stemcell(stemcell.cid)
    for resource in reversed(landing.find_landing_resources(_ENVIRONMENT)):
        landing.delete_landing_resource(resource.cid)
