"""Rules of templates that the environment's own security group, at the subnets, does not let anything through to. Pure.

Takes the security groups of a spec and the public ports, gives findings that forbid nothing.
"""

import ipaddress
from collections.abc import Iterator, Sequence

from cpi.contract.landing_parts import ANY, BALANCER_PREFIX, INTERNET_PREFIX, NETWORK_PREFIX, SecurityRuleSpec
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import Finding, LandingSpec
from cpi.kit.judge import landing_parts


def find_closed(spec: LandingSpec, public: Sequence[int]) -> Iterator[PartFinding]:
    """Each rule that lets in from outside of the network what is not TCP to public ports."""
    ports = ", ".join(map(str, public)) or "no port"
    for group in spec.security_groups if spec.networks else ():
        for rule in group.rules:
            if _is_from_outside(rule) and not _is_open(rule, public):
                finding = Finding(
                    code="landing-part-unused",
                    what=f"Rule '{rule.name}' of security group '{group.name}' has no effect on all or some of what "
                    "comes from outside of the network.",
                    why=f"The environment's own security group, at the subnet, lets in TCP to {ports} alone: its "
                    "public_ports are in the environment's file.",
                    fix="Add the ports to public_ports, or let in the network alone.",
                    is_fatal=False,
                )
                yield PartFinding(path=(landing_parts.GROUPS, group.name, "rules", rule.name), finding=finding)


def _is_from_outside(rule: SecurityRuleSpec) -> bool:
    return (rule.direction, rule.access) == ("inbound", "allow") and any(map(_is_outside, rule.sources))


def _is_outside(source: str) -> bool:
    if source in (ANY, INTERNET_PREFIX):
        return True
    if source in (NETWORK_PREFIX, BALANCER_PREFIX):
        return False
    return ipaddress.ip_network(source, strict=False).is_global


def _is_open(rule: SecurityRuleSpec, public: Sequence[int]) -> bool:
    if rule.protocol != "tcp":
        return False
    bounds = map(landing_parts.port_range, rule.ports)
    return all(set(range(first, last + 1)) <= {*public} for first, last in bounds)
