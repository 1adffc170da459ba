"""Load balancers, and inbound NAT rules of them, that VMs name, against those that there are.

Takes a state directory and cloud properties, gives findings.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.clouds.local.inside.records import balancer_records
from cpi.clouds.local.wire.config import VmProperties
from cpi.contract.values import Finding, LandingResource
from cpi.kit import judge

KIND = "load_balancer"
_WHERE = "The local cloud"


def made_by(resources: Iterable[LandingResource]) -> list[str]:
    """What VMs can name of the balancers that a plan makes."""
    return [name for one in resources if one.kind == KIND for name in (one.name, *_nat_names(one))]


def fronts_of(resources: Iterable[LandingResource]) -> dict[str, str]:
    """The addresses inside of networks that a plan gives to balancers, with their names."""
    inner = (one for one in resources if one.kind == KIND and one.properties["network"])
    return {str(one.properties["address"]): f"load balancer '{one.name}'" for one in inner}


def findings(state: str, vms: Iterable[VmProperties], *, made: Iterable[str] = ()) -> list[Finding]:
    """One for each name that is neither there nor among those that a plan has `made`; and for a rule of several VMs."""
    asked = tuple(vms)
    names = (name for one in balancer_records.list_balancers(state) for name in balancer_records.names_of(one))
    known = {*made, *names}
    balancers = _unknown([name for vm in asked for name in vm.load_balancers], known)
    rules = [name for vm in asked for name in dict.fromkeys(vm.load_balancer_nat_rules)]
    found = [judge.unknown_name("load balancer", *one, where=_WHERE, setting="load_balancers") for one in balancers]
    for one in _unknown(rules, known, of_rules=True):
        unknown = judge.unknown_name("inbound NAT rule", *one, where=_WHERE, setting="load_balancer_nat_rules")
        found.append(replace(unknown, code="unknown-nat-rule"))
    return [*found, *_shared(rules)]


def _unknown(named: Sequence[str], known: set[str], *, of_rules: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Each once, with what there is."""
    there = [name for name in known if ("/" in name) is of_rules]
    return ((name, there) for name in dict.fromkeys(named) if name not in there)


def _nat_names(balancer: LandingResource) -> Iterator[str]:
    written = balancer.properties["nat_rules"]
    for rule in written if isinstance(written, list | tuple) else ():
        if isinstance(rule, Mapping):
            yield balancer_records.nat_name(balancer.name, str(rule["name"]))


def _shared(rules: Sequence[str]) -> Iterator[Finding]:
    for rule, count in Counter(rules).items():
        if count > 1:
            yield Finding(
                code="nat-rule-shared",
                what=f"{count} VMs name the inbound NAT rule '{rule}'.",
                why="It leads to one VM.",
                fix="Name it in the cloud properties of one VM, or write a rule for each.",
                written_names=(rule,),
            )
