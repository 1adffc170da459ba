"""What a security group does for a body: packets that begin a connection which no rule lets in are dropped.

Takes a ground, a VM's CID and rules for each card; writes them into the VM's network namespace by nft. What comes from
the router was translated there from a public address, and has been judged at that address.
"""

import ipaddress
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cpi.contract.values import VmCid
from tests.support.bodies.ground import Ground
from tests.support.bodies.values import Interface
from tests.support.inbound_rules import Inbound, InboundRule

_TABLE = "ip security-groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shield:
    """What is let in at a card."""

    inbound: Inbound
    card: Interface


def raise_shields(ground: Ground, cid: VmCid, shields: Sequence[Shield]) -> None:
    """Let in what the rules let in, a shield for each card in order; replaces what was there. The VM is on."""
    text = "\n".join(_render(shields))
    argv = ["nsenter", "--net", "--target", str(ground.first_process(cid)), "--", "nft", "-f", "-"]
    subprocess.run(argv, input=text, text=True, check=True, timeout=30)


def _render(shields: Sequence[Shield]) -> Iterator[str]:
    yield f"table {_TABLE}"
    yield f"delete table {_TABLE}"
    yield f"table {_TABLE} {{"
    for number, shield in enumerate(shields):
        yield from _render_card(number, shield)
    yield "chain inbound { type filter hook input priority 0; policy accept;"
    yield 'iif "lo" accept'
    yield "meta l4proto != tcp accept"
    yield "tcp flags & (syn | ack) != syn accept"
    yield from (f'iifname "eth{number}" jump card{number}' for number in range(len(shields)))
    yield "}"
    yield "}"


def _render_card(number: int, shield: Shield) -> Iterator[str]:
    """Its lists, and the chain that wants each of them to let a connection in."""
    for place, rules in enumerate(shield.inbound):
        yield f"chain card{number}-list{place} {{"
        yield from (line for rule in rules for line in _render_rule(rule))
        yield "drop"
        yield "}"
    yield f"chain card{number} {{"
    yield f"ip saddr {shield.card.router} accept"
    yield from (f"jump card{number}-list{place}" for place in range(len(shield.inbound)))
    yield "}"


def _render_rule(rule: InboundRule) -> Iterator[str]:
    """A list that lets a connection in hands it to the next one; a rule without sources is none."""
    but = f"ip saddr != {_set(rule.but)} " if rule.but else ""
    ports = f"tcp dport {rule.first_port}-{rule.last_port}"
    if rule.sources and rule.protocol in ("", "tcp"):
        yield f"ip saddr {_set(rule.sources)} {but}{ports} {'return' if rule.is_allowed else 'drop'}"


def _set(ranges: Iterable[str]) -> str:
    """Without overlaps, which nft refuses."""
    joined = ipaddress.collapse_addresses(map(ipaddress.IPv4Network, ranges))
    return f"{{ {', '.join(map(str, joined))} }}"
