"""Ranges of addresses that must lie apart. Pure.

Takes ranges by name, gives a finding for each two that share addresses.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from itertools import combinations

from cpi.values import Finding


def judge_apart(ranges: Mapping[str, str]) -> Iterator[Finding]:
    """`ranges` are CIDRs by what has them, as a person calls it ("network 'main'"); each pair is told once."""
    read = {name: ipaddress.ip_network(cidr, strict=False) for name, cidr in ranges.items()}
    for (name, cidr), (other, others) in combinations(read.items(), 2):
        if cidr.overlaps(others):
            yield Finding(
                code="network-overlaps",
                what=f"The range of {name} overlaps that of {other}.",
                why=f"One is {cidr}, the other {others}; they are joined by one router.",
                fix="Give one of them another range, in the environment's file.",
            )
