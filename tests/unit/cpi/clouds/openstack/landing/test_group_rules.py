"""What the landing zone's security groups let in on OpenStack: among VMs all, from outside the public ports alone."""

from dataclasses import replace

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.machines.lookups import GROUP_ALL, GROUP_PUBLIC
from cpi.clouds.openstack.machines.networks import PortRequest
from cpi.clouds.openstack.preflight import inbound
from cpi.contract.values import PreflightRequest
from cpi.kit import judge
from cpi.kit.judge import InboundFacts, InboundRule
from cpi.kit.judge.inbound import HEALTH_PORT
from cpi.kit.network_interfaces import Interface
from director.guest.dns import health_messages
from tests.unit.cpi.clouds.openstack.requests import OWNER, settings, vm_request


def _facts(name: str, ip: str, *groups: str) -> InboundFacts:
    """A VM in these groups of the landing zone, as Neutron would list them."""
    request = vm_request()
    inner = replace(request.networks[1], ip=ip)
    vm = replace(request, name=name, owner=replace(OWNER, action=name), networks=(inner,))
    port = PortRequest(interface=Interface(networks=(inner,)), network_id="n", subnet_ids=("",))
    listed = [
        {"id": f"id-{one}", "name": one, "security_group_rules": layout.write_rules(one, f"id-{one}", settings())}
        for one in groups
    ]
    return inbound.facts(vm, port, listed)


def test_the_port_is_the_one_that_instances_ask_each_other_at() -> None:
    assert health_messages.PORT == HEALTH_PORT


def test_vms_of_an_environment_let_each_other_in_by_both_versions_of_ip() -> None:
    rules = layout.write_rules(GROUP_ALL, "g", settings())
    assert {(one["ethertype"], one["remote_group_id"], one["direction"]) for one in rules} == {
        ("IPv4", "g", "ingress"),
        ("IPv6", "g", "ingress"),
    }
    landed_before = {"security_group_rules": [{**rules[0], "id": "r1"}]}
    assert layout.missing_rules(rules, landed_before) == rules[1:]


def test_vms_of_an_environment_ask_each_other_for_their_health_and_no_other_machine_does() -> None:
    jumpbox, web = _facts("jumpbox", "10.0.0.5", GROUP_ALL, GROUP_PUBLIC), _facts("web", "10.0.0.6", GROUP_ALL)
    assert list(judge.inbound([jumpbox, web], PreflightRequest())) == []
    everything = InboundRule(cidrs=("0.0.0.0/0",))
    for address in ("10.0.0.7", "203.0.113.77", "192.168.1.1"):
        stranger = replace(web, vm="stranger", groups=("theirs",), address=address, lists=((everything,),))
        found = list(judge.inbound([jumpbox, web, stranger], PreflightRequest()))
        assert [one.code for one in found] == ["health-port-closed", "health-port-closed"]
        assert all(one.what.startswith("VM 'stranger' cannot ask") for one in found)
    open_to_all = replace(jumpbox, lists=((*jumpbox.lists[0], everything),))
    assert len(list(judge.inbound([open_to_all, web, stranger], PreflightRequest()))) == 1
