"""PRICE, where the environment's file has a table: a private cloud publishes none.

Takes requests, gives prices; what the table lacks is named with no amount.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.machines import disks
from cpi.clouds.openstack.wire.config import PriceTable
from cpi.contract.errors import CloudError
from cpi.contract.values import PreflightRequest, Price, VmRequest


class OpenStackPricing:
    """Implements Pricing of cpi.contract.cloud."""

    def __init__(self, table: PriceTable) -> None:
        self._table = table

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        return tuple(self._prices(request))

    def refresh(self, request: PreflightRequest) -> bool:
        return False

    def _prices(self, request: PreflightRequest) -> Iterator[Price]:
        flavors = Counter(str(vm.cloud_properties.get("instance_type", "")) for vm in request.vms)
        for name, count in sorted(flavors.items()):
            yield replace(self._price(f"flavour {name}", count, self._table.flavors.get(name, "")), cores=None)
        gib = sum(disks.gib_of(disk.size_mib) for disk in request.disks) + sum(map(_root_gib, request.vms))
        if gib:
            yield self._price("GiB of volumes", gib, self._table.volume_gib)
        addresses = sum(one.kind == layout.ADDRESS for one in request.landing)
        if addresses:
            yield self._price("floating addresses", addresses, self._table.floating_ip)

    def _price(self, what: str, quantity: int, each: str) -> Price:
        amount = str(_number(each) * quantity) if each else ""
        table = self._table
        return Price(what=what, quantity=quantity, amount=amount, currency=table.currency, as_of=table.as_of)


def _root_gib(vm: VmRequest) -> int:
    """The size that a VM's properties give its root volume; a flavour's own disk is a part of its price."""
    root = vm.cloud_properties.get("root_disk")
    size = root.get("size") if isinstance(root, Mapping) else None
    return int(size) if isinstance(size, int | float) else 0


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise CloudError(
            "price-invalid", f"'{text}' is not a price.", fix="Use a decimal number in `prices`."
        ) from error
