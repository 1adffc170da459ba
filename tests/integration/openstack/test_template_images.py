"""Images of templates on OpenStack, against a Nova and a Glance of our own: made once, also where calls are cut."""

from collections.abc import Iterator

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, LostReplyError, TransientError
from cpi.contract.landing_parts import ImageOrigin, ImageSource
from cpi.contract.long_running import Pending
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, OwnerQuery, StemcellCid, StemcellRequest
from tests.support.openstack.glance import Glance, glance

ENVIRONMENT = "images"
URL = "https://blobs.example/web.qcow2"
ORIGINS: tuple[ImageOrigin, ...] = ("vm", "blob")


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


def _connect(place: Glance) -> ConnectedCloud:
    return connect_cloud(config.read_config(place.settings()), ENVIRONMENT, tags={"team": "web"})


def _request(place: Glance, origin: ImageOrigin, *, source: str = "") -> StemcellRequest:
    found = source or (place.sources.add_server() if origin == "vm" else URL)
    owner = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="create_stemcell-golden")
    return StemcellRequest(
        owner=owner,
        os="image-golden",
        version="1",
        cloud_properties={"architecture": "x86_64"},
        source=ImageSource(origin=origin, place=found),
    )


def _finish(cloud: ConnectedCloud, request: StemcellRequest) -> StemcellCid:
    """Call as often as the engine would; what is under way is looked at, without a pause."""
    assert cloud.long_running is not None
    for _ in range(20):
        try:
            made = cloud.long_running.create_stemcell(request)
            if not isinstance(made, Pending):
                return made
            cloud.long_running.look(made.handle)
        except (LostReplyError, TransientError):
            continue
    pytest.fail("it was never done")


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_image_is_made_found_and_deleted(place: Glance, origin: ImageOrigin) -> None:
    cloud, request = _connect(place), _request(place, origin)
    assert cloud.long_running is not None
    pending = cloud.long_running.create_stemcell(request)
    assert isinstance(pending, Pending)
    assert cloud.finder is not None
    (found,) = cloud.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    assert not found.is_whole
    cid = _finish(cloud, request)
    assert _finish(cloud, request) == cid
    (found,) = cloud.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    assert (found.cid, found.owner, found.os, found.version, found.is_whole) == (
        cid,
        request.owner,
        "image-golden",
        "1",
        True,
    )
    (image,) = place.images.values()
    assert image["tags"] == ["team=web"]
    cloud.cloud.delete_stemcell(cid)
    cloud.cloud.delete_stemcell(cid)
    assert place.held() == ()
    assert len(place.sources.servers) == (1 if origin == "vm" else 0)


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_whatever_call_is_cut_one_image_is_there_at_the_end(place: Glance, origin: ImageOrigin, is_done: bool) -> None:
    cloud, request = _connect(place), _request(place, origin)
    cloud.cloud.delete_stemcell(_finish(cloud, request))
    count = len(place.calls) - 1
    place.is_done = is_done
    for at in range(count):
        place.cut_at = at
        cid = _finish(cloud, request)
        assert place.cut_at < 0, "nothing was tried"
        assert [one.partition(" ")[0] for one in place.held()] == ["active"]
        cloud.cloud.delete_stemcell(cid)
        assert place.held() == ()
    assert count > 4


def test_what_glance_cannot_read_is_refused_and_begun_again_by_the_next_run(place: Glance) -> None:
    place.sources.unreachable.add(URL)
    cloud, request = _connect(place), _request(place, "blob")
    with pytest.raises(CloudError) as raised:
        _finish(cloud, request)
    assert (raised.value.code, place.held()) == ("image-import-failed", ())
    place.sources.unreachable.clear()
    assert _finish(cloud, request)


def test_what_no_image_is_made_of_is_refused_before(place: Glance) -> None:
    cloud = _connect(place)
    on_volume = place.sources.add_server(image="")
    codes = []
    for request in (
        _request(place, "vm", source="11111111-2222-3333-4444-555555555555"),
        _request(place, "vm", source=on_volume),
    ):
        with pytest.raises(CloudError) as raised:
            _finish(cloud, request)
        codes.append(raised.value.code)
    place.sources.methods = ["glance-direct"]
    with pytest.raises(CloudError) as raised:
        _finish(cloud, _request(place, "blob"))
    codes.append(raised.value.code)
    assert (codes, place.held()) == (["unknown-image-source", "image-source-unfit", "image-source-unfit"], ())
