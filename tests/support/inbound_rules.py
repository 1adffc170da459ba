"""What an emulated cloud's security groups let in to a machine's address: TCP connections, and packets of UDP.

Takes nothing, gives values: the emulators read them from their own state, and bodies obey those for TCP. Other
protocols are not looked at.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

OPERATOR = "203.0.113.77"
"""From where the machine that runs the tests comes to a public address, as the cloud sees it."""
LAST_PORT = 65535
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRule:
    """Connections from `sources`, but not from `but`, to ports `first_port` to `last_port` are allowed, or refused.

    `protocol` is "tcp" or "udp", or "" for both.
    """

    sources: tuple[str, ...]
    but: tuple[str, ...] = ()
    first_port: int = 0
    last_port: int = LAST_PORT
    is_allowed: bool = True
    protocol: str = ""

    def covers(self, source: str, port: int, protocol: str = "tcp") -> bool:
        """Whether it decides about a connection."""
        is_from = _is_in(source, self.sources) and not _is_in(source, self.but)
        return is_from and self.first_port <= port <= self.last_port and self.protocol in ("", protocol)


Inbound = tuple[tuple[InboundRule, ...], ...]
"""Lists of rules, each of which must let a connection in. In a list the first rule that covers it decides; where none
does, it is refused. No list at all lets in everything."""
NOTHING: Inbound = ((),)


def lets_in(inbound: Inbound, source: str, port: int, *, protocol: str = "tcp") -> bool:
    """Whether a connection from an address to a port is let in."""
    return all(
        next((rule.is_allowed for rule in rules if rule.covers(source, port, protocol)), False) for rules in inbound
    )


def _is_in(address: str, ranges: Sequence[str]) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(one) for one in ranges)
