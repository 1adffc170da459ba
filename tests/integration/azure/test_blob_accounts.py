"""Storage accounts of templates on Azure: names that are free, an account of compleat's beside them, policies."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.azure.preflight import permissions
from cpi.contract.cloud import ConnectedCloud, ConnectSettings, Landing
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, LandingSpec, OwnerKey, PreflightRequest
from cpi.plugins import find_plugin
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates
from tests.support.landings import land

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
DIAG = StorageAccountSpec(name="diag4711", containers=("logs",))
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=(), storage_accounts=(DIAG,))


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        azure.place.blobs = None
        yield azure


def _connect(azure: StandIn, tmp_path: Path) -> ConnectedCloud:
    settings = ConnectSettings(environment="env", state_dir=str(tmp_path), properties=azure.settings())
    return find_plugin("azure").connect(settings)


def _landing(connected: ConnectedCloud) -> Landing:
    assert connected.landing is not None
    return connected.landing


def _fatal(connected: ConnectedCloud, spec: LandingSpec) -> list[tuple[str, str]]:
    assert connected.preflight is not None
    request = PreflightRequest(landing=_landing(connected).landing_resources(spec))
    return [(one.code, one.what) for one in connected.preflight.preflight(request) if one.is_fatal]


def _accounts(connected: ConnectedCloud) -> dict[str, FoundLandingResource]:
    found = _landing(connected).find_landing_resources("env")
    return {one.name: one for one in found if "storage" in one.kind or "blob" in one.kind}


def test_an_account_is_beside_the_one_for_packages_and_goes_with_its_containers(azure: StandIn, tmp_path: Path) -> None:
    connected = _connect(azure, tmp_path)
    assert _fatal(connected, SPEC) == []
    land(connected, SPEC, OWNER)
    assert _fatal(connected, SPEC) == [], "the name is taken by the account itself"
    found = _accounts(connected)
    assert set(found) == {"the-storage", "diag4711", "diag4711/logs"}
    assert found["diag4711"].outputs == {
        "diag4711_storage_account": "diag4711",
        "diag4711_storage_url": "https://diag4711.blob.core.windows.net/",
    }
    assert set(found["the-storage"].outputs) == {"storage_account_name"}
    plain = replace(SPEC, storage_accounts=())
    assert {one.kind for one in land(connected, plain, OWNER)} & {"blob_account"} == set()
    for one in reversed(_landing(connected).find_landing_resources("env")):
        _landing(connected).delete_landing_resource(one.cid)
        _landing(connected).delete_landing_resource(one.cid)
    assert azure.place.store.of_type("Microsoft.Storage/storageAccounts") == []
    assert azure.place.containers == {}


def test_a_policy_that_turns_keys_off_is_not_fought_with(azure: StandIn, tmp_path: Path) -> None:
    azure.place.region.forbids_keys = True
    connected = _connect(azure, tmp_path)
    land(connected, SPEC, OWNER)
    for account in (DIAG, replace(DIAG, has_keys=False, sku="Standard_GRS", access_tier="Cool")):
        spec = replace(SPEC, storage_accounts=(account,))
        land(connected, spec, OWNER)
        wanted = next(one for one in _landing(connected).landing_resources(spec) if one.name == "diag4711")
        assert set(wanted.entries or ()) == set(_accounts(connected)["diag4711"].entries)


def test_a_name_that_somebody_has_is_told_by_the_plan_and_the_account_never_touched(
    azure: StandIn, tmp_path: Path
) -> None:
    connected = _connect(azure, tmp_path)
    azure.place.region.taken_accounts |= {"diag4711"}
    assert [code for code, what in _fatal(connected, SPEC) if "'diag4711'" in what] == ["name-taken"]
    with pytest.raises(ConflictError, match="name-taken"):
        land(connected, SPEC, OWNER)
    assert set(_accounts(connected)) == {"the-storage"}


def test_a_kind_that_azure_cannot_change_is_refused_with_its_words(azure: StandIn, tmp_path: Path) -> None:
    connected = _connect(azure, tmp_path)
    land(connected, SPEC, OWNER)
    with pytest.raises(CloudError) as raised:
        land(connected, replace(SPEC, storage_accounts=(replace(DIAG, kind="Storage"),)), OWNER)
    assert "Conversion of the account kind" in raised.value.why


def test_what_accounts_take_is_asked_for_with_them_alone(azure: StandIn, tmp_path: Path) -> None:
    connected = _connect(azure, tmp_path)
    land(connected, replace(SPEC, storage_accounts=()), OWNER)
    azure.place.region.not_actions = [permissions.BLOB_ACTIONS[-1]]
    assert [code for code, _ in _fatal(connected, SPEC)] == ["permissions-missing"]
    assert _fatal(connected, replace(SPEC, storage_accounts=())) == []
