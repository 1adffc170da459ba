"""VMs in the backend pools of load balancers on Azure, in every form that BOSH's CPI has for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.wire import names
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import PreflightRequest, VmRequest
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import Held


@pytest.fixture(name="azure")
def _azure(tmp_path: Path) -> Iterator[tuple[StandIn, Subject]]:
    with azure_stand_in(tmp_path) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        _add(azure, "web", "first", "second")
        _add(azure, "other", "only")
        yield azure, subject


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("web", ["web/first"]),
        ("web, other", ["web/first", "other/only"]),
        ({"name": "web", "backend_pool_name": "second"}, ["web/second"]),
        ({"name": "web", "resource_group_name": "compleat-contract"}, ["web/first"]),
        (["other", {"name": "web", "backend_pool_name": "second"}], ["other/only", "web/second"]),
    ],
)
def test_a_vm_joins_the_pools_that_are_named_and_leaves_them_when_it_goes(
    azure: tuple[StandIn, Subject], written: Any, expected: list[str]
) -> None:
    stand_in, subject = azure
    request = _request(subject, written)
    assert _codes(subject, request) == []
    cid = subject.connected.cloud.create_vm(request).cid
    assert _joined(stand_in) == expected
    subject.connected.cloud.delete_vm(cid)
    assert _joined(stand_in) == []


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("none", "unknown-load-balancer"),
        ({"name": "web", "resource_group_name": "elsewhere"}, "unknown-load-balancer"),
        ({"name": "web", "backend_pool_name": "third"}, "unknown-backend-pool"),
    ],
)
def test_what_is_not_there_is_told_beforehand_and_makes_nothing(
    azure: tuple[StandIn, Subject], written: Any, code: str
) -> None:
    stand_in, subject = azure
    request = _request(subject, written)
    assert _codes(subject, request) == [code]
    with pytest.raises(NotFoundError, match=code):
        subject.connected.cloud.create_vm(request)
    assert stand_in.place.store.names(names.NIC) == []


def test_an_application_gateway_is_refused_in_words(azure: tuple[StandIn, Subject]) -> None:
    _, subject = azure
    request = replace(subject.vm_request("a1"), cloud_properties={"application_gateway": "web"})
    with pytest.raises(CloudError, match="property-not-supported"):
        subject.connected.cloud.create_vm(request)


def _request(subject: Subject, written: Any) -> VmRequest:
    return replace(subject.vm_request("a1"), cloud_properties={"load_balancer": written})


def _codes(subject: Subject, request: VmRequest) -> list[str]:
    assert subject.connected.preflight is not None
    return [one.code for one in subject.connected.preflight.preflight(PreflightRequest(vms=(request,)))]


def _add(azure: StandIn, name: str, *pools: str) -> None:
    """What somebody else made."""
    group = "compleat-contract"
    scope = f"/subscriptions/{azure.settings()['subscription_id']}/resourceGroups/{group}"
    path = f"{scope}/providers/{names.BALANCER}/{name}"
    made = [{"name": pool, "id": f"{path}/backendAddressPools/{pool}"} for pool in pools]
    body = {"id": path, "name": name, "type": names.BALANCER, "properties": {"backendAddressPools": made}}
    azure.place.store.put(Held(id=path, body=body))


def _joined(azure: StandIn) -> list[str]:
    """Balancer and pool of each interface that there is."""
    return [
        "/".join(pool["id"].split("/")[-3::2])
        for nic in azure.place.store.of_type(names.NIC)
        for config in nic.body["properties"]["ipConfigurations"]
        for pool in config["properties"].get("loadBalancerBackendAddressPools", [])
    ]
