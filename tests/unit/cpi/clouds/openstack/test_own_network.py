"""A VM in a network of the operator's own: without a security group named, Neutron's default group is taken."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.openstack.connect import connect_cloud
from cpi.contract.values import JsonValue, PreflightRequest, VmRequest
from tests.unit.cpi.clouds.openstack.canned import STEMCELL, CannedApi
from tests.unit.cpi.clouds.openstack.preflight.planted import Stand
from tests.unit.cpi.clouds.openstack.requests import OWNER, settings, vm_request


def _vm(**properties: JsonValue) -> VmRequest:
    request = replace(vm_request(**properties), stemcell_cid=STEMCELL)
    inner = replace(request.networks[1], cloud_properties={"net_id": "net-1"})
    return replace(request, networks=(inner,))


def _port(request: VmRequest) -> Mapping[str, Any]:
    api = CannedApi(settings())
    connect_cloud(settings(), OWNER.environment, api=api).cloud.create_vm(request)
    bodies: list[Any] = [body for path, body in api.calls if path == "POST /ports"]
    (body,) = bodies
    port: Mapping[str, Any] = body["port"]
    return port


def test_it_is_in_its_network_and_in_the_default_group_or_those_named() -> None:
    plain = _port(_vm())
    assert (plain["network_id"], "security_groups" in plain) == ("net-1", False)
    assert _port(_vm(security_groups=["one"]))["security_groups"] == ["security_group-one"]


def test_the_default_group_is_examined(tmp_path: Any) -> None:
    stand = Stand(folder=tmp_path, vm=_vm())
    default: dict[str, Any] = {"id": "d", "name": "default", "project_id": "project-1", "security_group_rules": []}
    stand.answers["/security-groups"] = {"security_groups": [default]}
    assert [found.code for found in stand.findings()] == ["ssh-port-closed"]
    default["security_group_rules"] = [{"direction": "ingress", "remote_group_id": "d", "protocol": None}]
    assert stand.findings() == ()


def test_a_network_without_port_security_has_no_groups(tmp_path: Any) -> None:
    stand = Stand(folder=tmp_path, vm=_vm(), request=PreflightRequest())
    default: dict[str, Any] = {"id": "d", "name": "default", "project_id": "project-1", "security_group_rules": []}
    stand.answers["/security-groups"] = {"security_groups": [default]}
    stand.answers["/networks"] = {"networks": [{"id": "net-1", "name": "x", "port_security_enabled": False}]}
    assert stand.findings() == ()
