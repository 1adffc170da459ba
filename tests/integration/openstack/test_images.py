"""Heavy stemcells on OpenStack, against a Glance of our own: sent once, whole, and without a rest when they are cut."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from tests.support import disk_images, heavy
from tests.support.openstack.glance import Glance, glance

ENVIRONMENT = "images"


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


def test_a_disk_is_sent_whole_whatever_it_comes_in(place: Glance, tmp_path: Path) -> None:
    cloud = _connect(place)
    raw = disk_images.write_raw(tmp_path)
    for number, path in enumerate((raw, disk_images.write_qcow2(tmp_path), disk_images.pack(raw, name="root.img"))):
        request = heavy.request_of(ENVIRONMENT, path, action=f"a{number}")
        cid = cloud.cloud.create_stemcell(request)
        assert cloud.cloud.create_stemcell(request) == cid
        (found,) = heavy.found(cloud, ENVIRONMENT)
        assert found == heavy.whole(cid, request.owner)
        (image,) = place.images.values()
        expected = ("qcow2", 4 + 4 + (64 << 10)) if number == 1 else ("raw", raw.stat().st_size)
        assert (image["disk_format"], image["size"]) == expected
        cloud.cloud.delete_stemcell(cid)
        assert place.held() == ()


def test_an_image_of_ones_own_is_what_up_makes(place: Glance, tmp_path: Path) -> None:
    path = disk_images.write_raw(tmp_path)
    cloud = _connect(place, stemcell_image={"path": str(path), "os": "own", "version": "1.2"})
    about = cloud.cloud.info()
    assert (about.default_os, about.default_version) == ("own", "1.2")
    cloud.cloud.create_stemcell(replace(heavy.request_of(ENVIRONMENT, path), image_path=""))
    assert [one["status"] for one in place.images.values()] == ["active"]


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("is_reborn", [False, True], ids=["same action", "another action"])
def test_whatever_call_is_cut_one_image_is_there_at_the_end(
    place: Glance, tmp_path: Path, is_done: bool, is_reborn: bool
) -> None:
    cloud, request = _connect(place), heavy.request_of(ENVIRONMENT, disk_images.write_raw(tmp_path))
    cloud.cloud.delete_stemcell(cloud.cloud.create_stemcell(request))
    calls = place.calls[:-1]
    place.is_done = is_done
    for at, call in enumerate(calls):
        place.cut_at = at
        cid = heavy.finish(cloud, heavy.by(request, f"a{at}"), is_reborn=is_reborn)
        assert place.cut_at < 0, "nothing was tried"
        assert [one.partition(" ")[0] for one in place.held()] == ["active"], f"after {call}"
        cloud.cloud.delete_stemcell(cid)
        assert place.held() == (), f"after {call}"
    assert len(calls) == 5


def test_what_was_cut_is_not_taken_for_whole(place: Glance, tmp_path: Path) -> None:
    cloud = _connect(place)
    place.cut_at = 3
    with pytest.raises(CloudError):
        cloud.cloud.create_stemcell(heavy.request_of(ENVIRONMENT, disk_images.write_raw(tmp_path)))
    assert [one.is_whole for one in heavy.found(cloud, ENVIRONMENT)] == [False]


def _connect(place: Glance, **more: JsonValue) -> ConnectedCloud:
    return connect_cloud(config.read_config({**place.settings(), **more}), ENVIRONMENT)
