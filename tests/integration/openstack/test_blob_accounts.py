"""Storage accounts of templates in a stand-in for Swift: a container each, with folders, deleted with their blobs."""

from collections.abc import Iterator

import pytest

from cpi.clouds.openstack.landing.blob_accounts import AccountContainers, ContainerFolders
from cpi.clouds.openstack.landing.landing_zone import OpenStackLanding
from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import DeniedError, LostReplyError, TransientError
from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, LandingResource, LandingSpec, OwnerKey
from cpi.kit import blob_accounts
from cpi.kit.landing import PartsLanding
from tests.support.openstack.glance import Glance, glance

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
SPEC = LandingSpec(
    networks={},
    public_names=(),
    storage_accounts=(StorageAccountSpec(name="diag4711", containers=("logs", "dumps", "more")),),
)
DIAG = "compleat-account env diag4711 setup"
FOLDERS = {"dumps/": b"", "logs/": b"", "more/": b""}


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        yield place


def test_an_account_is_a_container_with_folders_and_goes_with_what_is_in_it(place: Glance) -> None:
    landing = _SwiftAlone(place)
    made = _land(landing)
    assert place.swift.containers == {DIAG: FOLDERS}
    assert place.swift.metadata[DIAG] == {"team": "a"}
    assert made[0].outputs["diag4711_storage_url"].endswith("/v1/AUTH_t/compleat-account%20env%20diag4711%20setup/")
    place.swift.containers |= {
        "compleat-account env data9 x": {"a": b""},
        "compleat-account other diag4711 setup": {},
        "mine": {},
    }
    place.swift.containers[DIAG] |= {"logs/one.txt": b"1", "logs/two.txt": b"2", "loose": b"3"}
    found = landing.find_landing_resources("env")
    assert [one.name for one in found] == [
        *("data9", "diag4711"),
        *("diag4711/dumps", "diag4711/logs", "diag4711/more"),
    ]
    assert {one.cid for one in _land(landing)} <= {one.cid for one in found}
    landing.delete_landing_resource(next(one.cid for one in found if one.name == "diag4711/logs"))
    assert place.swift.containers[DIAG] == {"dumps/": b"", "more/": b"", "loose": b"3"}
    place.swift.lists_late = True
    with pytest.raises(TransientError, match="not-ready-yet"):
        landing.delete_landing_resource(found[1].cid)
    place.swift.lists_late = False
    for _ in range(2):
        for one in reversed(found):
            landing.delete_landing_resource(one.cid)
    assert list(place.swift.containers) == ["compleat-account other diag4711 setup", "mine"]


@pytest.mark.parametrize("is_done", [True, False])
def test_an_account_whose_answers_are_lost_is_made_once(place: Glance, is_done: bool) -> None:
    landing = _SwiftAlone(place)
    for lost in range(2, 14, 3):
        place.cut_at, place.is_done = lost, is_done
        for _ in range(6):
            try:
                _land(landing)
            except (LostReplyError, TransientError):
                continue
            break
        place.cut_at = -1
    _land(landing)
    assert place.swift.containers == {DIAG: FOLDERS}


def test_a_user_without_a_role_in_swift_has_no_account_and_is_refused_one(place: Glance) -> None:
    place.swift.has_role = False
    landing = _SwiftAlone(place)
    assert landing.find_landing_resources("env") == ()
    with pytest.raises(DeniedError):
        _land(landing)


class _SwiftAlone(PartsLanding):
    """The parts that are in Swift: the stand-in has no other of a landing zone."""

    abilities = OpenStackLanding.abilities

    def __init__(self, place: Glance) -> None:
        api = Api(config.read_config(place.settings()), tags={"team": "a"})
        accounts = AccountContainers(api)
        super().__init__((accounts, ContainerFolders(api, accounts)))

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return tuple(blob_accounts.resources(spec))


def _land(landing: PartsLanding) -> list[FoundLandingResource]:
    return [landing.create_landing_resource(one, OWNER) for one in landing.landing_resources(SPEC)]
