"""An emulator's facts about its instances.

Takes nothing, gives frozen values.
"""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network card: its private address, its subnet's range, and the router there ("" is the range's first)."""

    ip: str
    cidr: str
    gateway: str = ""

    @property
    def prefix(self) -> int:
        return ipaddress.ip_network(self.cidr).prefixlen

    @property
    def router(self) -> str:
        return self.gateway or str(ipaddress.ip_network(self.cidr)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A requested instance. `user_data` runs at its first boot, "" is none."""

    id: str
    interfaces: tuple[Interface, ...]
    user_data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A disk, and the `paths` by which the instance that has it finds it ("/dev/disk/by-id/...")."""

    id: str
    size_mib: int
    paths: tuple[str, ...]
