"""Ranges of addresses as people write them, and how many are left when some are taken out.

Takes "10.0.0.1", "10.0.0.1 - 10.0.0.9" or "10.0.0.0/28", gives spans of whole numbers.
Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/ip_util.rb.
"""

import ipaddress
from collections.abc import Iterable

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import IpRange

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Cidr = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AddressInterval:
    """Addresses from `first` to `last`, both included, as numbers of one version of IP."""

    first: int
    last: int
    version: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def holds(self, other: "AddressInterval") -> bool:
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def touches(self, other: "AddressInterval") -> bool:
        """Whether they have an address in common."""
        return self.version == other.version and self.first <= other.last and other.first <= self.last

    def as_range(self) -> IpRange:
        return IpRange(first=str(self._address(self.first)), last=str(self._address(self.last)))

    def addresses(self) -> tuple[str, ...]:
        """All of them, in order; for short stretches."""
        return tuple(str(self._address(number)) for number in range(self.first, self.last + 1))

    def _address(self, number: int) -> Address:
        return ipaddress.IPv4Address(number) if self.version == 4 else ipaddress.IPv6Address(number)


def read_interval(text: str) -> AddressInterval | None:
    """One address, a range or a CIDR; None if it is none of them."""
    parts = [part.strip() for part in text.split("-")]
    try:
        if len(parts) == 1:
            network = ipaddress.ip_network(parts[0], strict=False)
            return AddressInterval(
                first=int(network.network_address), last=int(network.broadcast_address), version=network.version
            )
        if len(parts) != 2:
            return None
        first, last = (ipaddress.ip_address(part) for part in parts)
    except ValueError:
        return None
    if first.version != last.version or int(first) > int(last):
        return None
    return AddressInterval(first=int(first), last=int(last), version=first.version)


def read_cidr(text: str) -> Cidr | None:
    """A CIDR with a length; host bits are dropped."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False) if "/" in text else None
    except ValueError:
        return None


def interval_of(network: Cidr) -> AddressInterval:
    """All addresses of the network."""
    return AddressInterval(
        first=int(network.network_address), last=int(network.broadcast_address), version=network.version
    )


def interval_at(address: str) -> AddressInterval:
    """The one address, known to be valid."""
    number = ipaddress.ip_address(address)
    return AddressInterval(first=int(number), last=int(number), version=number.version)


def from_range(piece: IpRange) -> AddressInterval:
    """A range of the model, known to be valid."""
    first, last = ipaddress.ip_address(piece.first), ipaddress.ip_address(piece.last)
    return AddressInterval(first=int(first), last=int(last), version=first.version)


def size_without(whole: AddressInterval, taken: Iterable[AddressInterval]) -> int:
    """How many addresses of the whole are in none of the taken stretches, which may overlap."""
    free, at = whole.size, whole.first
    for piece in sorted(taken):
        first, last = max(piece.first, at), min(piece.last, whole.last)
        if piece.version == whole.version and first <= last:
            free -= last - first + 1
            at = last + 1
    return free
