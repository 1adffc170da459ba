"""Routes of a machine that does not exist.

Takes ranges, gives a Routes.
"""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRoutes:
    """To addresses of `ranges` alone, from the address `own`."""

    ranges: tuple[str, ...] = ("0.0.0.0/0",)
    own: str = "10.0.2.15"

    def has_route(self, address: str) -> bool:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(one) for one in self.ranges)

    def source_address(self, address: str) -> str:
        return self.own if self.has_route(address) else ""
