"""The environment's tags where Neutron takes them afterwards, Swift as headers, and Glance as tags of its own."""

from collections.abc import Iterator

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey, PreflightRequest, StemcellRequest
from tests.support.openstack.glance import Glance, glance

TAGS = {"cost_center": "4711", "owner": "platform team", "city": "Köln"}
TEXTS = ["cost_center=4711", "owner=platform team", "city=Köln"]
OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
ADDRESS = LandingResource(kind="public_address", name="jumpbox", after=("router",))


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


@pytest.mark.parametrize("is_done", [False, True], ids=["before the tags came", "before the answer came"])
def test_what_was_cut_off_between_its_making_and_its_tags_is_completed_by_the_next_run(
    place: Glance, is_done: bool
) -> None:
    landing = _connect(place).landing
    assert landing is not None
    place.cut_at, place.is_done = _calls_to_make(), is_done
    with pytest.raises(CloudError) as caught:
        landing.create_landing_resource(ADDRESS, OWNER)
    (made,) = place.addresses.values()
    assert (caught.value.retry.value, made["tags"]) == ("unknown", TEXTS if is_done else [])
    landing.create_landing_resource(ADDRESS, OWNER)
    assert list(place.addresses.values()) == [{**made, "tags": TEXTS}]
    before = len(place.calls)
    landing.create_landing_resource(ADDRESS, OWNER)
    assert [call for call in place.calls[before:] if not call.startswith("GET")] == []


def test_a_container_has_them_as_headers_beside_its_key(place: Glance) -> None:
    landing = _connect(place).landing
    assert landing is not None
    landing.create_landing_resource(LandingResource(kind="container", name="blobs"), OWNER)
    ((name, said),) = place.swift.metadata.items()
    reported = {key: value.encode("latin-1").decode() for key, value in said.items()}
    assert (reported, len(place.swift.keys[name]) > 40) == (
        {"cost-center": "4711", "owner": "platform team", "city": "Köln"},
        True,
    )


def test_an_image_has_them_as_tags_and_none_of_them_as_a_property(place: Glance) -> None:
    place.images["i"] = {"id": "i", "name": "debian-12", "status": "active", "architecture": "x86_64"}
    cloud = _connect(place).cloud
    cloud.create_stemcell(StemcellRequest(owner=OWNER, os="debian", version="12", tags={"owner": "team web"}))
    (record,) = [one for one in place.images.values() if one["id"] != "i"]
    assert record["tags"] == ["cost_center=4711", "owner=team web", "city=Köln"]
    assert TAGS.keys() & record.keys() == set()


def test_a_neutron_that_keeps_no_tags_is_found_beforehand(place: Glance) -> None:
    for place.neutron.has_tags in (True, False):
        assert ("tags-not-supported" in _found(_connect(place))) is not place.neutron.has_tags
    assert "tags-not-supported" not in _found(connect_cloud(config.read_config(place.settings()), "env"))


def _calls_to_make() -> int:
    """The floating addresses and the external network are read, the address is made; then come the tags."""
    return 3


def _found(connected: ConnectedCloud) -> list[str]:
    assert connected.preflight is not None
    return [one.code for one in connected.preflight.preflight(PreflightRequest())]


def _connect(place: Glance) -> ConnectedCloud:
    return connect_cloud(config.read_config({**place.settings(), "container": True}), "env", tags=TAGS)
