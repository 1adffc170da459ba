"""Blobs in a stand-in for Swift: put once, read by signed URLs, refused with an error if they could not be read."""

import io
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.landing.containers import Container
from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.cloud import ConnectedCloud, Storage
from cpi.contract.errors import DeniedError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey
from tests.support.openstack.glance import Glance, glance

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
CONTAINER = "compleat env setup"
NAME = "sha256/00ff"


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


def test_a_blob_is_put_once_and_read_by_its_signed_url(place: Glance) -> None:
    storage = _landed(place)
    storage.put_blob(NAME, io.BytesIO(b"content"), size=7)
    unread = io.BytesIO(b"CONTENT")
    storage.put_blob(NAME, unread, size=7)
    assert (unread.tell(), place.swift.containers) == (0, {CONTAINER: {NAME: b"content"}})
    signed = storage.sign_url(NAME, valid_s=60)
    assert urllib.request.urlopen(signed.url).read() == b"content"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(signed.url.replace("00ff", "00fe"))


def test_blobs_are_listed_with_their_sizes_and_deleted_one_by_one(place: Glance) -> None:
    assert _storage(_connect(place)).list_blobs() == {}, "without a container"
    storage = _landed(place)
    assert storage.list_blobs() == {}
    storage.put_blob(NAME, io.BytesIO(b"content"), size=7)
    storage.put_blob("sha256/ff", io.BytesIO(b"12345"), size=5)
    assert storage.list_blobs() == {NAME: 7, "sha256/ff": 5}
    for _ in range(2):
        storage.delete_blob(NAME)
    assert storage.list_blobs() == {"sha256/ff": 5}


def test_a_container_that_has_no_key_is_given_one_that_stays(place: Glance) -> None:
    storage = _landed(place)
    place.swift.keys.clear()
    url = storage.sign_url(NAME, valid_s=60).url
    key = place.swift.keys[CONTAINER]
    _storage(_connect(place)).sign_url(NAME, valid_s=60)
    assert (place.swift.keys[CONTAINER], len(key) > 40, key in url) == (key, True, False)


def test_a_user_without_a_role_in_swift_has_no_container_and_is_refused_one(place: Glance) -> None:
    place.swift.has_role = False
    api = Api(config.read_config(place.settings()))
    assert list(Container(api, OWNER.environment, is_wanted=False).find(OWNER.environment)) == []
    with pytest.raises(DeniedError):
        list(Container(api, OWNER.environment, is_wanted=True).find(OWNER.environment))


def test_what_cannot_be_read_is_not_sent(place: Glance) -> None:
    storage = _landed(place)
    faults: list[tuple[str, Any]] = [("shows_key", False), ("abilities", {"swift": {}}), ("abilities", None)]
    place.swift.keys.clear()
    for fault, value in faults:
        setattr(place.swift, fault, value)
        for call in _calls(storage):
            with pytest.raises(NotSupportedError, match="signed-urls-not-supported"):
                call()
    assert place.swift.containers == {CONTAINER: {}}


def test_a_landing_zone_without_container_has_no_blobs(place: Glance) -> None:
    for call in _calls(_storage(_connect(place))):
        with pytest.raises(NotFoundError, match="storage-missing"):
            call()


def test_a_container_that_somebody_took_away_is_looked_for_anew(place: Glance) -> None:
    storage = _landed(place)
    storage.sign_url(NAME, valid_s=60)
    place.swift.containers.clear()
    for code in ("not-found", "storage-missing"):
        with pytest.raises(NotFoundError, match=code):
            storage.put_blob(NAME, io.BytesIO(b"content"), size=7)


def test_deleting_the_container_takes_its_blobs_page_after_page(place: Glance) -> None:
    connected = _connect(place)
    assert connected.landing is not None
    found = connected.landing.create_landing_resource(LandingResource(kind="container", name="blobs"), OWNER)
    place.swift.containers[CONTAINER] = {f"sha256/{number}": b"" for number in range(7)}
    place.swift.lists_late = True
    with pytest.raises(TransientError, match="not-ready-yet"):
        connected.landing.delete_landing_resource(found.cid)
    place.swift.lists_late = False
    connected.landing.delete_landing_resource(found.cid)
    connected.landing.delete_landing_resource(found.cid)
    assert place.swift.containers == {}


def _calls(storage: Storage) -> tuple[Callable[[], object], ...]:
    return (
        lambda: storage.put_blob(NAME, io.BytesIO(b"content"), size=7),
        lambda: storage.sign_url(NAME, valid_s=60),
    )


def _landed(place: Glance) -> Storage:
    connected = _connect(place)
    assert connected.landing is not None
    connected.landing.create_landing_resource(LandingResource(kind="container", name="blobs"), OWNER)
    return _storage(connected)


def _connect(place: Glance) -> ConnectedCloud:
    return connect_cloud(config.read_config({**place.settings(), "container": True}), "env")


def _storage(connected: ConnectedCloud) -> Storage:
    assert connected.storage is not None
    return connected.storage
