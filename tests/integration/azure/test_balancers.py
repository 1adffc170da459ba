"""VMs in the backend pools of load balancers on Azure, in every form that BOSH's CPI has for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.wire import names
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.landing_parts import JoinedParts, LoadBalancerSpec, NatRuleSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, LandingSpec, PreflightRequest, VmRequest
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import network
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import Held

_GATEWAY_POOLS = "applicationGatewayBackendAddressPools"


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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("web", ["web/first"]),
        ([{"name": "web", "backend_pool_name": "second"}, "other"], ["web/second", "other/only"]),
    ],
)
def test_a_vm_joins_the_pools_of_application_gateways_and_leaves_them_when_it_goes(
    azure: tuple[StandIn, Subject], written: Any, expected: list[str]
) -> None:
    stand_in, subject = azure
    _add(stand_in, "web", "first", "second", kind=names.GATEWAY)
    _add(stand_in, "other", "only", kind=names.GATEWAY)
    request = _request(subject, "other", application_gateway=written)
    assert _codes(subject, request) == []
    cid = subject.connected.cloud.create_vm(request).cid
    assert (_joined(stand_in), _joined(stand_in, _GATEWAY_POOLS)) == (["other/only"], expected)
    assert [len(_reported(stand_in, pool)) for pool in expected] == [1] * len(expected)
    subject.connected.cloud.delete_vm(cid)
    assert _joined(stand_in, _GATEWAY_POOLS) == []
    assert [_reported(stand_in, pool) for pool in expected] == [[] for _ in expected]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("none", "unknown-application-gateway"),
        ({"name": "web", "backend_pool_name": "third"}, "unknown-backend-pool"),
    ],
)
def test_a_gateway_that_is_not_there_is_told_beforehand_and_makes_nothing(
    azure: tuple[StandIn, Subject], written: Any, code: str
) -> None:
    stand_in, subject = azure
    _add(stand_in, "web", "first", kind=names.GATEWAY)
    request = _request(subject, "web", application_gateway=written)
    assert _codes(subject, request) == [code]
    with pytest.raises(NotFoundError, match=code):
        subject.connected.cloud.create_vm(request)
    assert stand_in.place.store.names(names.NIC) == []


def test_an_inbound_nat_rule_leads_to_one_vm_until_it_is_removed(
    azure: tuple[StandIn, Subject],
) -> None:
    stand_in, subject = azure
    rule = NatRuleSpec(name="ssh", protocol="tcp", port=2222, machine_port=22)
    wanted = LoadBalancerSpec(name="inner", network="main", address="10.9.0.180", nat_rules=(rule,))
    spec = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",), load_balancers=(wanted,))
    _land(subject, spec)
    joined = subject.landing.joined_properties(spec, JoinedParts(network="main", nat_rules=("inner/ssh",)))
    request = replace(subject.vm_request("a1"), cloud_properties=joined)
    assert _codes(subject, request) == []
    cid = subject.connected.cloud.create_vm(request).cid
    assert _joined(stand_in, "loadBalancerInboundNatRules") == ["inner/ssh"]
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(replace(request, owner=subject.owner("a2"), name="a2"))
    assert _codes(subject, replace(request, cloud_properties={"load_balancer_nat_rules": ["inner/x"]})) == [
        "unknown-nat-rule"
    ]
    more = replace(wanted, nat_rules=(rule, replace(rule, name="x", port=2223)))
    planned = subject.landing.landing_resources(replace(spec, load_balancers=(more,)))
    assert _codes(subject, replace(request, cloud_properties={"load_balancer_nat_rules": ["inner/x"]}), planned) == []
    without = replace(spec, load_balancers=(replace(wanted, nat_rules=()),))
    assert _land(subject, without) == {"front end: 10.9.0.180 in main"}
    assert _joined(stand_in, "loadBalancerInboundNatRules") == []
    assert subject.connected.cloud.has_vm(cid)


def _land(subject: Subject, spec: LandingSpec) -> set[str]:
    """The entries of the balancer afterwards."""
    owner = subject.owner("parts", ENVIRONMENT_ITSELF)
    found = [subject.landing.create_landing_resource(one, owner) for one in subject.landing.landing_resources(spec)]
    listed = subject.landing.find_landing_resources(ENVIRONMENT)
    (balancer,) = (one for one in listed if one.kind == "load_balancer" and one.cid in {one.cid for one in found})
    return set(balancer.entries)


def _request(subject: Subject, written: Any, **more: Any) -> VmRequest:
    return replace(subject.vm_request("a1"), cloud_properties={"load_balancer": written, **more})


def _codes(subject: Subject, request: VmRequest, changed: tuple[LandingResource, ...] = ()) -> list[str]:
    assert subject.connected.preflight is not None
    asked = PreflightRequest(vms=(request,), changed=changed)
    return [one.code for one in subject.connected.preflight.preflight(asked)]


def _add(azure: StandIn, name: str, *pools: str, kind: str = names.BALANCER) -> None:
    """What somebody else made."""
    group = "compleat-contract"
    scope = f"/subscriptions/{azure.settings()['subscription_id']}/resourceGroups/{group}"
    path = f"{scope}/providers/{kind}/{name}"
    made = [{"name": pool, "id": f"{path}/backendAddressPools/{pool}"} for pool in pools]
    body = {"id": path, "name": name, "type": kind, "properties": {"backendAddressPools": made}}
    azure.place.store.put(Held(id=path, body=body))


def _reported(azure: StandIn, pool: str) -> list[Any]:
    """Who is in a gateway's pool ("web/first"), as Azure tells it of the gateway."""
    gateway, _, name = pool.partition("/")
    (held,) = [one for one in azure.place.store.of_type(names.GATEWAY) if one.body["name"] == gateway]
    pools = network.show_pools(azure.place, held)["properties"]["backendAddressPools"]
    (found,) = [one for one in pools if one["name"] == name]
    return list(found["properties"].get("backendIPConfigurations", []))


def _joined(azure: StandIn, kind: str = "loadBalancerBackendAddressPools") -> list[str]:
    """Balancer and pool of each interface that there is."""
    return [
        "/".join(pool["id"].split("/")[-3::2])
        for nic in azure.place.store.of_type(names.NIC)
        for config in nic.body["properties"]["ipConfigurations"]
        for pool in config["properties"].get(kind, [])
    ]
