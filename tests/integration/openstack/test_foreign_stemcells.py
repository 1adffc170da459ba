"""Stemcells that BOSH's OpenStack CPI made: servers are made of them, and deleting one is never a silent success."""

import uuid
from collections.abc import Iterator

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.wire import config
from cpi.contract.errors import CloudError
from cpi.contract.values import StemcellCid
from tests.support.openstack.glance import Glance, glance


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


def test_its_image_is_read_and_is_deleted_by_nobody_but_who_made_it(place: Glance) -> None:
    image = str(uuid.uuid4())
    place.images[image] = {"id": image, "name": "BOSH-1", "status": "active"}
    for cid in (image, f"{image} light"):
        assert stemcells.image_of(StemcellCid(cid)) == image
    cloud = connect_cloud(config.read_config(place.settings()), "env").cloud
    cloud.delete_stemcell(StemcellCid(f"{image} light"))
    with pytest.raises(CloudError) as caught:
        cloud.delete_stemcell(StemcellCid(image))
    assert (caught.value.code, list(place.images)) == ("foreign-cid", [image])
    cloud.delete_stemcell(StemcellCid(str(uuid.uuid4())))
