"""What Azure's security groups let in, read from their rules; groups that may not be looked at are left out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from cpi.clouds.azure.preflight.inbound import InboundGroups
from cpi.clouds.azure.wire.api import Api
from cpi.contract.errors import DeniedError
from cpi.contract.values import JsonValue, PreflightRequest, VmRequest
from cpi.kit import judge
from tests.unit.cpi.clouds.azure import requests

THERE: Mapping[str, JsonValue] = {"virtual_network_name": "own", "subnet_name": "one", "resource_group_name": "theirs"}


class Answers:
    """A resource manager with one network, and a security group with these rules on its subnet."""

    def __init__(self, *rules: Mapping[str, Any], is_denied: bool = False) -> None:
        self._rules = [{"name": f"r{number}", "properties": rule} for number, rule in enumerate(rules)]
        self._is_denied = is_denied

    def get(self, path: str) -> Mapping[str, Any]:
        if path.endswith("/subnets/one"):
            return {"properties": {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "/groups/guard"}}}
        if path.endswith("/virtualNetworks/own"):
            return {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
        if self._is_denied:
            raise DeniedError("permissions-missing", "No.")
        return {"name": "guard", "properties": {"securityRules": self._rules}}


def _rule(access: str, source: str, *, ports: str = "*", priority: int = 100, **more: Any) -> Mapping[str, Any]:
    about = {"direction": "Inbound", "access": access, "protocol": "*", "priority": priority}
    return {**about, "sourceAddressPrefix": source, "destinationPortRanges": ports.split(","), **more}


def _codes(answers: Answers, properties: Mapping[str, JsonValue] = THERE) -> list[str]:
    vms = [_vm("one", "10.0.0.10", properties), _vm("two", "10.0.0.11", properties)]
    groups = InboundGroups(cast(Api, answers), requests.settings(), requests.PLACES)
    facts = [found for vm in vms for found in groups.facts(vm)]
    return [found.code for found in judge.inbound(facts, PreflightRequest())]


def _vm(name: str, ip: str, properties: Mapping[str, JsonValue]) -> VmRequest:
    request = requests.vm(requests.network(ip=ip, cloud_properties=properties))
    return replace(request, name=name, owner=replace(request.owner, action=name))


NOBODY = _rule("Deny", "*", priority=4000)
TO_WEB: dict[str, Any] = {"destinationApplicationSecurityGroups": [{"id": "web"}]}


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        ((), []),
        ((NOBODY,), ["ssh-port-closed", "health-port-closed"]),
        ((_rule("Allow", "VirtualNetwork", ports="22,8853"), NOBODY), []),
        ((_rule("Allow", "10.0.0.0/8", ports="20-25"), NOBODY), ["health-port-closed"]),
        ((_rule("Allow", "AzureCloud", priority=4001), NOBODY), ["ssh-port-closed", "health-port-closed"]),
        ((_rule("Allow", "Internet"), NOBODY), ["health-port-closed"]),
        ((_rule("Allow", "*", protocol="Udp"), NOBODY), ["ssh-port-closed"]),
        ((_rule("Allow", "*", **TO_WEB), NOBODY), ["ssh-port-closed", "health-port-closed"]),
    ],
)
def test_rules_are_asked_in_the_order_of_their_priority(rules: tuple[Any, ...], codes: list[str]) -> None:
    assert _codes(Answers(*rules)) == codes


def test_a_group_that_may_not_be_looked_at_is_not_judged() -> None:
    assert _codes(Answers(NOBODY, is_denied=True)) == []
