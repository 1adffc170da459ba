"""The contract suite of clouds, on a real OpenStack: the same tests, one cloud for all, emptied before each."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.plugin import PLUGIN
from cpi.clouds.openstack.wire import names
from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import FoundLandingResource, JsonValue, VmState
from tests.clouds.openstack import emptied, place
from tests.clouds.openstack.emptied import Suite
from tests.clouds.openstack.patience import patiently
from tests.clouds.openstack.tagged import *  # noqa: F403
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.contract.cloud.test_disks import *  # noqa: F403
from tests.contract.cloud.test_heavy_stemcells import (  # noqa: F401
    test_an_image_is_sent_used_and_deleted_without_a_rest,
    test_an_uploaded_tarball_is_what_the_cloud_gets_and_nothing_stays_on_this_machine,
)
from tests.contract.cloud.test_identity import *  # noqa: F403
from tests.contract.cloud.test_landing import *  # noqa: F403
from tests.contract.cloud.test_storage import *  # noqa: F403
from tests.contract.cloud.test_vms import *  # noqa: F403

USER = place.USER


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    """The cloud all of these tests run on."""
    with emptied.suite_of(USER) as found:
        yield found


@pytest.fixture
def subject(suite: Suite) -> Subject:
    return suite.subject()


def test_a_port_that_never_got_a_server_does_not_hold_its_group(subject: Subject) -> None:
    """A birth that was cut short between the two leaves one, and `down` finds no VM that would take it away."""
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    (network,) = [one for one in landed if one.kind == layout.NETWORK]
    group = next(one for one in landed if one.kind == layout.GROUP)
    note = names.write_note(subject.owner("cut-short"))
    place.make_port(network=_id_of(network), group=_id_of(group), description=note)
    subject.landing.delete_landing_resource(group.cid)
    assert [line for line in place.held(USER, "port", "group") if "cut-short" in line] == []
    assert group not in subject.landing.find_landing_resources(ENVIRONMENT)


def test_a_port_that_never_got_a_server_is_found_as_a_vm_that_never_came_and_goes(subject: Subject) -> None:
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    network, group = (next(one for one in landed if one.kind == kind) for kind in (layout.NETWORK, layout.GROUP))
    owner = subject.owner("cut-short")
    place.make_port(network=_id_of(network), group=_id_of(group), description=names.write_note(owner, "main"))
    (found,) = subject.finder.find_vms(emptied.QUERY)
    assert (found.owner, found.state) == (owner, VmState.INCOMPLETE)
    (address,) = found.created.networks
    assert address.ip is not None
    assert address.ip.startswith(subject.prefix)
    subject.connected.cloud.delete_vm(found.created.cid)
    subject.connected.cloud.delete_vm(found.created.cid)
    assert subject.finder.find_vms(emptied.QUERY) == ()
    assert [line for line in place.held() if "cut-short" in line] == []


def test_a_vm_that_boots_from_a_volume_takes_it_along_even_while_it_is_built(subject: Subject) -> None:
    cloud = subject.connected.cloud
    properties: dict[str, JsonValue] = {"instance_type": "m1.tiny", "root_disk": {"size": 3}}
    vm = cloud.create_vm(replace(subject.vm_request("a1"), cloud_properties=properties)).cid
    place.await_some("volume")
    cloud.delete_vm(vm)
    assert place.await_none("volume") == []


def test_root_volumes_are_as_large_as_asked_or_as_the_flavour_says(subject: Subject) -> None:
    """Nova makes no volume without a size, and takes its type from microversion 2.67 on (settings of its own)."""
    cloud = subject.connected.cloud
    asked: list[tuple[dict[str, JsonValue], int]] = [({"boot_from_volume": True}, 2), ({"root_disk": {"size": 3}}, 3)]
    for number, (more, gib) in enumerate(asked):
        properties = {"instance_type": "m1.tiny", **more}
        request = replace(subject.vm_request(f"r{number}", last=30 + number), cloud_properties=properties)
        vm = cloud.create_vm(request).cid
        place.await_some("volume")
        assert [size for size, _ in place.volumes()] == [gib]
        cloud.delete_vm(vm)
        assert place.await_none("volume") == []


def test_a_root_volume_has_the_type_that_was_asked_for(subject: Subject) -> None:
    newer = {**place.one_sector_settings(USER), "compute_api_version": "2.67"}
    cloud = patiently(PLUGIN.connect(ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=newer))).cloud
    properties: dict[str, JsonValue] = {"instance_type": "m1.tiny", "root_disk": {"size": 3, "type": "files"}}
    vm = cloud.create_vm(replace(subject.vm_request("typed"), cloud_properties=properties)).cid
    place.await_some("volume")
    assert place.volumes() == [(3, "files")]
    cloud.delete_vm(vm)
    assert place.await_none("volume") == []


def _id_of(resource: FoundLandingResource) -> str:
    return resource.cid.partition(":")[2]
