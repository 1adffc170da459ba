"""Whether a plan's VMs are entered by SSH, and whether they can ask each other for their health."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cpi.contract.values import OwnerKey, PreflightRequest
from cpi.kit import judge
from cpi.kit.judge import InboundFacts, InboundRule

WORLD = InboundRule(protocol="tcp", first_port=22, last_port=22, cidrs=("0.0.0.0/0",))
MEMBERS = InboundRule(groups=("sg-1",))
SUBNET = InboundRule(cidrs=("10.0.0.0/24",))
HEALTH = InboundRule(protocol="udp", first_port=8853, last_port=8853, groups=("sg-1",))


def _owner(name: str) -> OwnerKey:
    return OwnerKey(environment="e", deployment="d", action=name)


def _vm(name: str, *rules: InboundRule, last: int = 5, groups: tuple[str, ...] = ("sg-1",)) -> InboundFacts:
    return InboundFacts(
        vm=name,
        owner=_owner(name),
        named=f"Security group of '{name}'",
        lists=(rules,),
        groups=groups,
        address=f"10.0.0.{last}",
        subnet="10.0.0.0/24",
    )


def _public(name: str, *rules: InboundRule) -> InboundFacts:
    return replace(_vm(name, *rules), is_public=True)


def _codes(vms: Sequence[InboundFacts], *direct: str, sources: tuple[str, ...] = ("0.0.0.0/0",)) -> list[str]:
    request = PreflightRequest(direct=frozenset(map(_owner, direct)))
    return [found.code for found in judge.inbound(vms, request, sources=sources)]


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        ((), ["ssh-port-closed"]),
        ((HEALTH,), ["ssh-port-closed"]),
        ((MEMBERS,), []),
        ((SUBNET,), []),
        ((InboundRule(protocol="tcp", first_port=80, last_port=443, cidrs=("0.0.0.0/0",)),), ["ssh-port-closed"]),
        ((InboundRule(cidrs=("0.0.0.0/0",), is_allowed=False), WORLD), ["ssh-port-closed"]),
        ((WORLD, InboundRule(cidrs=("0.0.0.0/0",), is_allowed=False)), []),
    ],
)
def test_a_vm_that_lets_nobody_in_is_refused(rules: tuple[InboundRule, ...], codes: list[str]) -> None:
    assert _codes([_vm("web", *rules)]) == codes
    assert _codes([_vm("web", *rules)], "web") == codes


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        (WORLD, []),
        (replace(WORLD, cidrs=("203.0.113.0/24",)), []),
        (replace(WORLD, cidrs=("10.0.0.0/8",)), ["ssh-port-closed"]),
        (MEMBERS, ["ssh-port-closed"]),
    ],
)
def test_a_public_jumpbox_must_let_in_somebody_from_outside(rule: InboundRule, codes: list[str]) -> None:
    assert _codes([_public("jumpbox", rule)], "jumpbox") == codes
    assert _codes([replace(_public("jumpbox", rule), is_public=False)], "jumpbox") == []


def test_from_inside_its_network_a_public_vm_is_entered_at_its_private_address() -> None:
    web = _public("web", SUBNET)
    inside = PreflightRequest(direct=frozenset({web.owner}), is_inside=True)
    assert list(judge.inbound([web], inside, sources=("203.0.113.0/24",))) == []
    assert [found.code for found in judge.inbound([web], replace(inside, is_inside=False))] == ["ssh-port-closed"]


def test_the_others_must_let_in_the_jumpbox() -> None:
    jumpbox = _public("jumpbox", WORLD, HEALTH)
    near, member = _vm("near", SUBNET, last=6, groups=()), _vm("member", MEMBERS, last=7)
    assert _codes([jumpbox, near], "jumpbox") == ["health-port-closed"]
    assert _codes([jumpbox, member], "jumpbox") == []
    far = _vm("far", InboundRule(cidrs=("10.1.0.0/24",)), InboundRule(groups=("sg-2",)), HEALTH)
    (refused,) = judge.inbound([jumpbox, far], PreflightRequest(direct=frozenset({jumpbox.owner})))
    assert (refused.code, refused.is_fatal, "'far'" in refused.what) == ("ssh-port-closed", True, True)


def test_vms_that_cannot_ask_each_other_for_their_health_are_a_remark() -> None:
    web, db = _vm("web", WORLD, HEALTH), _vm("db", WORLD, HEALTH, last=6)
    assert _codes([web, db]) == []
    (remark,) = judge.inbound([_vm("web", WORLD), _vm("db", WORLD, last=6)], PreflightRequest())
    assert (remark.code, remark.is_fatal, "8853" in remark.why) == ("health-port-closed", False, True)
    assert _codes([_vm("web", WORLD)]) == []
    outside = _vm("other", WORLD, replace(HEALTH, groups=("sg-2",)), last=6)
    assert _codes([web, outside]) == ["health-port-closed"]


def test_each_list_of_rules_must_let_a_connection_in() -> None:
    both = replace(_vm("web", WORLD), lists=((WORLD,), (SUBNET,)))
    assert _codes([both]) == []
    assert _codes([replace(both, lists=((WORLD,), (HEALTH,)))]) == ["ssh-port-closed"]
    assert _codes([replace(both, lists=())]) == []


def test_what_a_rule_leaves_out_is_no_source() -> None:
    internet = replace(WORLD, but=("10.0.0.0/16",))
    jumpbox, inner = _public("jumpbox", internet), _vm("web", internet, HEALTH, last=6)
    assert _codes([jumpbox, inner], "jumpbox") == ["ssh-port-closed", "health-port-closed"]


def test_ssh_that_is_open_to_more_than_the_public_sources_is_a_remark() -> None:
    jumpbox = _public("jumpbox", WORLD)
    assert _codes([jumpbox], "jumpbox", sources=("203.0.113.0/24",)) == ["ssh-open-wider"]
    narrow = _public("jumpbox", replace(WORLD, cidrs=("203.0.113.7/32", "10.0.0.0/8")))
    assert _codes([narrow], "jumpbox", sources=("203.0.113.0/24",)) == []


def test_vms_with_the_same_rules_are_one_finding() -> None:
    vms = [replace(_vm(f"web-{number}"), named="Security group 'x'") for number in range(7)]
    found, remark = judge.inbound(vms, PreflightRequest())
    assert (found.code, remark.code) == ("ssh-port-closed", "health-port-closed")
    assert "and 2 more" in found.what


DOOR = InboundRule(protocol="tcp", first_port=22, last_port=22, cidrs=("10.0.0.9/32",))


@pytest.mark.parametrize(
    ("rules", "own", "source"),
    [
        ((DOOR,), "10.0.0.9", ""),
        ((DOOR,), "10.0.0.8", "10.0.0.8"),
        ((SUBNET,), "10.0.0.8", ""),
        ((replace(SUBNET, but=("10.0.0.8/29",)),), "10.0.0.8", "10.0.0.8"),
        ((MEMBERS,), "10.0.0.8", ""),
        ((replace(DOOR, is_allowed=False), SUBNET), "10.0.0.9", "10.0.0.9"),
        ((replace(MEMBERS, is_allowed=False), SUBNET), "10.0.0.9", ""),
        ((), "10.0.0.9", "10.0.0.9"),
        ((DOOR,), "10.0.7.7", ""),  # from another subnet a router may give it another address
        ((), "10.0.7.7", "the director's machine"),
    ],
)
def test_from_its_own_subnet_the_directors_very_address_must_be_let_in(
    rules: tuple[InboundRule, ...], own: str, source: str
) -> None:
    web = _vm("web", *rules, HEALTH)
    inside = PreflightRequest(direct=frozenset({web.owner}), is_inside=True, director_addresses=frozenset({own}))
    found = list(judge.inbound([web], inside))
    assert [one.why.partition(" in from ")[2] for one in found] == ([f"{source}."] if source else [])
