"""What things cost on the memory cloud: invented prices, and marked as such.

Takes what would be made, gives prices.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.contract.values import PreflightRequest, Price

AS_OF = "2026-01-01"
_DISK_GIB = Decimal("0.0001")
_ADDRESS = Decimal("0.0050")


class MemoryPricing:
    """Implements Pricing of cpi.contract.cloud on a memory cloud."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        sizes = Counter(str(vm.cloud_properties.get("instance_type", "small")) for vm in request.vms)
        addresses = sum(resource.kind == "public_address" for resource in request.landing)
        gib = -(-sum(disk.size_mib for disk in request.disks) // 1024)
        return (
            *self._sizes(sizes),
            *_times("GiB of disk", gib, _DISK_GIB),
            *_times("public address", addresses, _ADDRESS),
        )

    def refresh(self, request: PreflightRequest) -> bool:
        return False

    def _sizes(self, sizes: Counter[str]) -> Iterator[Price]:
        for name, count in sorted(sizes.items()):
            hourly = self._cloud.rules.sizes[name].hourly if name in self._cloud.rules.sizes else ""
            each = _times(f"VM of type {name}", count, Decimal(hourly) if hourly else None)
            yield from (replace(price, cores=count) for price in each)


def _times(what: str, quantity: int, hourly: Decimal | None) -> Iterator[Price]:
    if quantity:
        amount = "" if hourly is None else str(hourly * quantity)
        yield Price(what=f"{what} (invented price)", quantity=quantity, amount=amount, currency="USD", as_of=AS_OF)
