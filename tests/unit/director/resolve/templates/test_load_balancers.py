"""Load balancers of a template: read with their rules and probes, joined by VMs, refused with their place."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cpi.contract.landing_parts import BalancerRuleSpec, LoadBalancerSpec, NatRuleSpec, ProbeSpec
from director import errors
from director.errors import InputError
from director.resolve.templates import front
from director.resolve.templates.request import Translation, TranslationRequest
from tests.support.arm_resources import Tree, resource, resources_of, template, with_balancer


def _translate(change: Callable[[Tree], None]) -> Translation:
    request = TranslationRequest(
        name="app",
        resources=resources_of(template(change)),
        azs=("z1", "z2"),
        az_properties={"z1": {"availability_zone": "a"}},
    )
    return front.translate(request)


def _problems(change: Callable[[Tree], None]) -> list[tuple[str, str, int]]:
    """Code, what, and how many parts the place has."""
    with pytest.raises(InputError) as caught:
        _translate(change)
    return [(each.code, each.what, each.where.count(":")) for each in errors.each_problem(caught.value)]


def test_a_load_balancer_is_one_of_the_landing_zone_that_the_vm_is_behind() -> None:
    translation = _translate(with_balancer)
    rule = BalancerRuleSpec(name="http", protocol="tcp", port=80, machine_port=8080, probe="up", idle_minutes=10)
    probe = ProbeSpec(name="up", protocol="http", port=8080, path="/health", interval_s=5, unhealthy_after=3)
    spec = LoadBalancerSpec(name="lb", public_name="front", probes=(probe,), rules=(rule,))
    assert translation.parts.load_balancers == (spec,)
    assert translation.public_names == ("ip", "front")
    (vm,) = translation.groups
    assert (vm.joined.load_balancers, vm.joined.az_properties) == (("lb",), {"availability_zone": "a"})
    for path in (("lb",), ("lb", "rules", "http"), ("lb", "probes", "up")):
        assert translation.part_places["load_balancers", *path].where.startswith("t.json:")


def test_what_is_not_written_is_as_azure_has_it() -> None:
    def change(tree: Tree) -> None:
        with_balancer(tree)
        properties = tree["lb"]["properties"]
        del properties["loadBalancingRules"][0]["properties"]["idleTimeoutInMinutes"]
        properties["probes"][0]["properties"] = {"protocol": "Tcp", "port": 8080}

    (balancer,) = _translate(change).parts.load_balancers
    assert balancer.rules[0].idle_minutes == 4
    assert balancer.probes == (
        ProbeSpec(name="up", protocol="tcp", port=8080, path="", interval_s=15, unhealthy_after=2),
    )


def _set(*path: str | int, to: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        with_balancer(tree)
        inner: Any = tree["lb"]["properties"]
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


_FRONT, _RULE, _PROBE = "frontendIPConfigurations", ("loadBalancingRules", 0, "properties"), ("probes", 0, "properties")
_SUBNET = {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'inner')]"}


def _inside(address: str = "") -> Callable[[Tree], None]:
    """The balancer's front end is in the VM's subnet."""
    method = {"privateIPAllocationMethod": "Static", "privateIPAddress": address} if address else {}
    return _set(_FRONT, 0, "properties", to={"subnet": _SUBNET, **method})


def _with_nat_rules(tree: Tree) -> None:
    """The VM has the second of two rules."""
    _inside()(tree)
    front = tree["lb"]["properties"]["loadBalancingRules"][0]["properties"]["frontendIPConfiguration"]
    for number, name in enumerate(("other", "ssh")):
        own = {"frontendIPConfiguration": front, "protocol": "Tcp", "frontendPort": 2222 + number, "backendPort": 22}
        tree["lb"]["properties"].setdefault("inboundNatRules", []).append({"name": name, "properties": own})
    rule = {"id": "[resourceId('Microsoft.Network/loadBalancers/inboundNatRules', 'lb', 'ssh')]"}
    tree["nic"]["properties"]["ipConfigurations"][0]["properties"]["loadBalancerInboundNatRules"] = [rule]


def test_a_front_end_in_a_subnet_has_an_address_that_no_vm_gets() -> None:
    for address in ("", "172.30.1.20"):
        translation = _translate(_inside(address))
        (balancer,) = translation.parts.load_balancers
        assert (balancer.public_name, balancer.network) == ("", "managed.net-inner.subnet")
        assert balancer.address == (address or "172.30.1.191")
        networks: Any = translation.cloud_config["networks"]
        assert networks[0]["subnets"][0]["reserved"][-1] == balancer.address


def test_an_inbound_nat_rule_leads_to_the_vm_whose_interface_names_it() -> None:
    translation = _translate(_with_nat_rules)
    (balancer,) = translation.parts.load_balancers
    ssh = NatRuleSpec(name="ssh", protocol="tcp", port=2223, machine_port=22)
    assert balancer.nat_rules == (replace(ssh, name="other", port=2222), ssh)
    assert [vm.joined.nat_rules for vm in translation.groups] == [("lb/ssh",)]
    assert translation.part_places["load_balancers", "lb", "nat_rules", "ssh"].where.startswith("t.json:")


def test_an_inbound_nat_rule_of_two_vms_is_refused() -> None:
    def change(tree: Tree) -> None:
        _with_nat_rules(tree)
        second = copy.deepcopy(tree["nic"])
        second["name"] = "nic2"
        own = second["properties"]["ipConfigurations"][0]["properties"]
        own["privateIPAddress"] = "172.30.1.10"
        del own["publicIPAddress"]
        nic = {"id": "[resourceId('Microsoft.Network/networkInterfaces', 'nic2')]"}
        properties = {**tree["web"]["properties"], "networkProfile": {"networkInterfaces": [nic]}}
        tree["nic2"], tree["vm2"] = second, resource("Microsoft.Compute/virtualMachines", "vm2", properties)

    ((code, what, _),) = _problems(change)
    assert (code, "'lb/ssh' leads to VM 'web' already" in what) == ("template-value-invalid", True)


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        (_set(_FRONT, to=[]), "template-value-invalid", "a load balancer has one front end, not 0"),
        (_set("backendAddressPools", to=[{"name": "a"}, {"name": "b"}]), "template-value-invalid", "one pool, not 2"),
        (_set(_FRONT, 0, "properties", "subnet", to=_SUBNET), "template-value-invalid", "or a subnet, not both"),
        (_set(_FRONT, 0, "properties", to={"subnet": {"id": "/x"}}), "template-reference-missing", "'/x'"),
        (_inside("172.30.1.2"), "template-value-invalid", "not a free address of 172.30.1.0/24"),
        (_inside("172.30.1.9"), "template-value-invalid", "its address 172.30.1.9 is that of interface 'nic', too"),
        (_set(_FRONT, 0, "properties", to={"publicIPAddress": {"id": "/x"}}), "template-reference-missing", "'/x'"),
        (_set(*_RULE, "probe", to={"id": "/x"}), "template-reference-missing", "names nothing of the probes"),
        (_set(*_RULE, "backendAddressPool", to={"id": "/x"}), "template-reference-missing", "backendAddressPools"),
        (_set(*_RULE, "protocol", to="Icmp"), "template-value-invalid", "'icmp' is not a value of"),
        (_set(*_RULE, "frontendPort", to="http"), "template-value-invalid", "frontendPort must be a whole number"),
        (_set(*_RULE, "enableFloatingIP", to=True), "template-property-refused", "enableFloatingIP"),
        (_set(*_RULE, "loadDistribution", to="SourceIP"), "template-property-refused", "loadDistribution"),
        (_set(*_PROBE, "protocol", to="Tcp"), "template-value-invalid", "a TCP probe has no path"),
        (_set("inboundNatRules", to=[{"name": "ssh"}]), "template-value-invalid", "'' is not a value of"),
        (_set("inboundNatPools", to=[{"name": "ssh"}]), "template-property-refused", "inboundNatPools"),
    ],
)
def test_what_a_load_balancer_cannot_be_is_refused_at_its_place(
    change: Callable[[Tree], None], code: str, what: str
) -> None:
    problems = _problems(change)
    assert any(each == code and what in words and parts == 2 for each, words, parts in problems), problems


def test_a_pool_that_is_not_there_is_refused_at_the_interface() -> None:
    def change(tree: Tree) -> None:
        with_balancer(tree)
        configuration = tree["nic"]["properties"]["ipConfigurations"][0]["properties"]
        configuration["loadBalancerBackendAddressPools"] = [{"id": "/x"}]

    ((code, what, _),) = _problems(change)
    assert (code, "Microsoft.Network/networkInterfaces/nic" in what) == ("template-reference-missing", True)


def test_an_address_leads_to_one_thing() -> None:
    def shared(tree: Tree) -> None:
        with_balancer(tree)
        configuration = tree["nic"]["properties"]["ipConfigurations"][0]["properties"]
        configuration["publicIPAddress"] = {"id": "[resourceId('Microsoft.Network/publicIPAddresses', 'front')]"}

    def twice(tree: Tree) -> None:
        with_balancer(tree)
        properties = {**tree["lb"]["properties"], "loadBalancingRules": [], "probes": []}
        tree["other"] = resource("Microsoft.Network/loadBalancers", "other", properties)

    assert [code for code, _, _ in _problems(shared)] == ["template-value-invalid"]
    assert [code for code, _, _ in _problems(twice)] == ["template-value-invalid"] * 2


def test_hints_for_azures_own_service_are_remarks() -> None:
    def change(tree: Tree) -> None:
        _set(*_RULE, "enableTcpReset", to=True)(tree)
        tree["lb"]["sku"] = {"name": "Standard"}
        tree["lb"]["properties"]["outboundRules"] = [{"name": "out"}]

    texts = [one.text for one in _translate(change).remarks if "loadBalancers/lb" in one.text]
    assert len(texts) == 3
