"""DNS names of public addresses on Azure: labels are checked in preflight, created and deleted with the address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey, PreflightRequest
from cpi.plugins import find_plugin
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.landings import land, landing_of

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox", "console"))
NAME = "trial-jump.westeurope.cloudapp.azure.com"


@pytest.fixture(name="azure")
def _azure(tmp_path: Path) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path) as azure:
        yield azure


def test_a_name_comes_and_goes_with_its_address(azure: StandIn) -> None:
    cloud = _connect(azure)
    assert _codes(cloud) == []
    land(cloud, SPEC, OWNER)
    found = {one.name: one for one in landing_of(cloud).find_landing_resources("env")}
    console = found["console"].outputs
    assert found["jumpbox"].outputs["jumpbox_public_host"] == NAME
    assert console["console_public_host"] == console["console_public_ip"]
    assert _codes(cloud) == []
    for one in reversed(list(found.values())):
        landing_of(cloud).delete_landing_resource(one.cid)
    assert azure.place.store.names("Microsoft.Network/publicIPAddresses") == []


def test_a_name_that_somebody_has_is_told_beforehand_and_refused(azure: StandIn) -> None:
    azure.place.region.taken_labels.add("trial-jump")
    cloud = _connect(azure)
    assert _codes(cloud) == ["dns-name-taken"]
    with pytest.raises(ConflictError, match="dns-name-taken"):
        land(cloud, SPEC, OWNER)


def test_what_is_no_label_or_for_no_address_is_refused(azure: StandIn) -> None:
    for label in ("Trial", "1trial", "t", "trial.jump"):
        with pytest.raises(CloudError, match="cloud-config-invalid"):
            _connect(azure, jumpbox=label)
    with pytest.raises(CloudError, match="dns-name-of-nothing"):
        landing_of(_connect(azure, web="trial-web")).landing_resources(SPEC)


def _connect(azure: StandIn, **names: str) -> ConnectedCloud:
    properties = azure.settings(dns_names=names or {"jumpbox": "trial-jump"})
    return find_plugin("azure").connect(ConnectSettings(environment="env", state_dir="", properties=properties))


def _codes(cloud: ConnectedCloud) -> list[str]:
    assert cloud.preflight is not None
    request = PreflightRequest(landing=landing_of(cloud).landing_resources(SPEC))
    return [one.code for one in cloud.preflight.preflight(request)]
