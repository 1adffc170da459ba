"""Load balancers that templates add, as clouds judge them before anything is created."""

from dataclasses import replace

import pytest

from cpi.contract.landing_parts import BalancerRuleSpec, LoadBalancerSpec, ProbeSpec
from cpi.contract.values import LandingSpec
from cpi.kit import judge
from cpi.kit.judge import PartAbilities

ALL = PartAbilities(cloud="A cloud", has_deny_rules=True)
SOME = replace(
    ALL,
    refused_balancing={"*": "It has ports."},
    unprobed={"udp": "It probes all."},
    shares_ports=False,
    probe_seconds=(10, 300),
    probe_failures=(2, 10),
)
RULE = BalancerRuleSpec(name="http", protocol="tcp", port=80, machine_port=8080, probe="up")
PROBE = ProbeSpec(name="up", protocol="http", port=8080, path="/health", interval_s=10)
BALANCER = LoadBalancerSpec(name="lb", public_name="front", rules=(RULE,), probes=(PROBE,))


def _found(balancer: LoadBalancerSpec, abilities: PartAbilities = ALL) -> list[tuple[str, str, str]]:
    spec = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("front",), load_balancers=(balancer,))
    found = judge.landing_parts_of(spec, abilities)
    assert all(one.finding.is_fatal for one in found)
    return [(one.finding.code.rpartition("-")[2], "/".join(one.path[2:]), one.finding.why) for one in found]


def test_one_that_a_cloud_takes_has_no_findings() -> None:
    assert _found(BALANCER) == _found(BALANCER, SOME) == []
    every = BalancerRuleSpec(name="every", protocol="*", port=0, machine_port=0)
    assert _found(replace(BALANCER, rules=(every,))) == []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (replace(RULE, port=0), "Its port 0 is not from 1 to 65534."),
        (replace(RULE, machine_port=65535), "Its port 65535 is not from 1 to 65534."),
        (replace(RULE, idle_minutes=101), "Its idle timeout is 101, not 4 to 100 minutes."),
        (replace(RULE, protocol="*"), "A rule for all protocols has the ports 0 and 0, not (80, 8080)."),
        (replace(RULE, probe="down"), "It has up."),
    ],
)
def test_a_rule_that_no_cloud_takes_is_refused_on_each(rule: BalancerRuleSpec, why: str) -> None:
    assert _found(replace(BALANCER, rules=(rule,))) == [("invalid", "rules/http", why)]


@pytest.mark.parametrize(
    ("probe", "why"),
    [
        (replace(PROBE, port=0), "Its port 0 is not from 1 to 65534."),
        (
            replace(PROBE, path="/a b"),
            "'/a b' is not a path: '/' and printable characters, 255 at most.",
        ),
        (replace(PROBE, interval_s=4), "Its interval is 5 seconds at least, and its number of failures 1 at least."),
        (
            replace(PROBE, unhealthy_after=0),
            "Its interval is 5 seconds at least, and its number of failures 1 at least.",
        ),
    ],
)
def test_a_probe_that_no_cloud_takes_is_refused_on_each(probe: ProbeSpec, why: str) -> None:
    assert _found(replace(BALANCER, probes=(probe,))) == [("invalid", "probes/up", why)]


def test_a_port_and_a_name_are_used_once() -> None:
    other = replace(RULE, name="other")
    why = "Rule 'http' has port 80 already."
    assert _found(replace(BALANCER, rules=(RULE, other))) == [("invalid", "rules/other", why)]
    udp = replace(other, protocol="udp")
    assert _found(replace(BALANCER, rules=(RULE, udp))) == []
    assert _found(replace(BALANCER, rules=(RULE, udp)), SOME) == [("refused", "rules/other", why)]
    same = (RULE, replace(RULE, port=81))
    assert _found(replace(BALANCER, rules=same)) == [("invalid", "rules/http", "A name is unique.")]


def test_what_a_cloud_cannot_express_is_refused_there_alone() -> None:
    every = BalancerRuleSpec(name="every", protocol="*", port=0, machine_port=0)
    unprobed = replace(RULE, protocol="udp", probe="")
    assert _found(replace(BALANCER, rules=(every,)), SOME) == [("refused", "rules/every", "It has ports.")]
    assert _found(replace(BALANCER, rules=(unprobed,)), SOME) == [("refused", "rules/http", "It probes all.")]
    slow, nervous = replace(PROBE, interval_s=301), replace(PROBE, unhealthy_after=1)
    assert _found(replace(BALANCER, probes=(slow,)), SOME) == [("refused", "probes/up", "It takes 10 to 300.")]
    assert _found(replace(BALANCER, probes=(nervous,)), SOME) == [("refused", "probes/up", "It takes 2 to 10.")]
    assert _found(replace(BALANCER, probes=(slow,))) == []


def test_there_is_none_beside_networks_of_the_operator() -> None:
    spec = LandingSpec(networks={}, public_names=("front",), load_balancers=(BALANCER,))
    (found,) = judge.landing_parts_of(spec, ALL)
    assert (found.finding.code, found.path) == ("landing-part-refused", ("load_balancers", "lb"))
