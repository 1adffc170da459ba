"""Routes of a machine that does not exist.

Takes ranges, gives a Routes.
"""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRoutes:
    """To addresses of `ranges` alone."""

    ranges: tuple[str, ...] = ("0.0.0.0/0",)

    def has_route(self, address: str) -> bool:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(one) for one in self.ranges)
