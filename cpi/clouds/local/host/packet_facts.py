"""Whether this machine's kernel applies rules to packets, found by doing; the finding where it does not.

Takes the kinds of landing resources that a plan makes, gives findings.
"""

import os
from collections.abc import Collection, Iterator

from cpi.clouds.local.host import launch
from cpi.contract.values import Finding

_NEEDED = {"route_table": ("filter", "route tables"), "nat_gateway": ("nat", "NAT gateways")}
"""What each kind of landing resource needs, and what it is called."""


def findings(kinds: Collection[str]) -> list[Finding]:
    """Starts a helper of 50 ms where a kind needs it."""
    asked = [needed for kind, needed in _NEEDED.items() if kind in kinds]
    return list(describe(asked, launch.run_program("system.packet_probe"))) if asked else []


def describe(asked: Collection[tuple[str, str]], printed: str) -> Iterator[Finding]:
    """One for each that failed, by what the helper printed."""
    numbers = {chain: int(number) for chain, number in (line.split() for line in printed.splitlines())}
    for chain, title in asked:
        if number := numbers[chain]:
            yield Finding(
                code="packet-rules-missing",
                what=f"The kernel of this machine does not apply rules to packets, which {title} need.",
                why=f"It answers: {os.strerror(number)} (nf_tables, chain of type {chain}).",
                fix="Load its modules (`modprobe nf_tables nft_chain_nat`), or remove them from the template.",
            )
