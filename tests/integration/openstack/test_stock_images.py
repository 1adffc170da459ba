"""Stock images on OpenStack, against a Glance of our own: the newest image of an operating system is looked up."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import NotFoundError
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, StemcellRequest
from tests.support.openstack.glance import Glance, glance

ENVIRONMENT = "images"
_OWNER = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="r1/create_stemcell/one")
_IDS = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(5)]


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        _plant(place, _IDS[0], "Debian 12", os_distro="debian", os_version="12")
        _plant(place, _IDS[1], "Old", os_distro="ubuntu", os_version="22.04", created_at="2024-01-01T00:00:00Z")
        _plant(place, _IDS[2], "New", os_distro="ubuntu", os_version="22.04", created_at="2025-01-01T00:00:00Z")
        _plant(place, _IDS[3], "Ubuntu 24.04 Noble Numbat x86_64")
        yield place


def _plant(place: Glance, id_: str, name: str, **more: Any) -> None:
    place.images[id_] = {"id": id_, "name": name, "status": "active", "visibility": "public", **more}


def _image(cloud: ConnectedCloud, system: str) -> str:
    assert cloud.stock is not None
    stock = cloud.stock.stock_image(system)
    request = StemcellRequest(
        owner=replace(_OWNER, action=system),
        os=stock.os,
        version=stock.version,
        cloud_properties={"architecture": stock.architecture, **stock.cloud_properties},
    )
    return cloud.cloud.create_stemcell(request).partition(":")[2]


@pytest.mark.parametrize("own", [{}, {"image": "Debian 12"}], ids=["no default image", "a default image"])
def test_the_newest_of_the_os_is_used(place: Glance, own: dict[str, str]) -> None:
    assert _image(_connect(place, **own), "ubuntu-jammy") == _IDS[2]


def test_a_name_with_the_os_and_its_version_serves_where_properties_are_missing(place: Glance) -> None:
    assert _image(_connect(place), "ubuntu-noble") == _IDS[3]


def test_the_settings_name_an_image_by_name_or_id(place: Glance) -> None:
    cloud = _connect(place, stemcell_images={"ubuntu-jammy": "Old", "ubuntu-xenial": _IDS[0]})
    assert (_image(cloud, "ubuntu-jammy"), _image(cloud, "ubuntu-xenial")) == (_IDS[1], _IDS[0])


def test_an_os_that_the_cloud_lacks_is_told_with_what_it_has(place: Glance) -> None:
    with pytest.raises(NotFoundError) as raised:
        _image(_connect(place), "debian-13")
    assert (raised.value.code, raised.value.what) == ("unknown-image", "OpenStack has no image 'debian 13'.")


def _connect(place: Glance, **more: Any) -> ConnectedCloud:
    return connect_cloud(config.read_config({**place.settings(), **more}), ENVIRONMENT)
