"""PRICE: what VMs, disks and addresses cost, from a list with a date. Pure but for `refresh`.

Takes a plan's requests, gives prices. The list is of pay-as-you-go Linux prices in West Europe, in US dollars; other
regions differ by some percent, so it is an estimate, and says its date.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cpi.azure import config, disks, vms
from cpi.azure.api import Api
from cpi.errors import CloudError, NotSupportedError
from cpi.values import DiskRequest, PreflightRequest, Price

AS_OF = "2025-06-01"
CURRENCY = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A VM size: what it has, and what an hour of it costs."""

    cpus: int
    ram_mib: int
    hour: str


SIZES: Mapping[str, Size] = {
    "Standard_B1s": Size(cpus=1, ram_mib=1024, hour="0.0120"),
    "Standard_B1ms": Size(cpus=1, ram_mib=2048, hour="0.0240"),
    "Standard_B2s": Size(cpus=2, ram_mib=4096, hour="0.0480"),
    "Standard_B2ms": Size(cpus=2, ram_mib=8192, hour="0.0960"),
    "Standard_D2s_v5": Size(cpus=2, ram_mib=8192, hour="0.1150"),
    "Standard_D2s_v3": Size(cpus=2, ram_mib=8192, hour="0.1200"),
    "Standard_D4s_v5": Size(cpus=4, ram_mib=16384, hour="0.2300"),
    "Standard_D4s_v3": Size(cpus=4, ram_mib=16384, hour="0.2400"),
    "Standard_D8s_v5": Size(cpus=8, ram_mib=32768, hour="0.4600"),
}
_DISK_GIB_HOUR: Mapping[str, str] = {
    "Standard_LRS": "0.0000658",
    "StandardSSD_LRS": "0.0001052",
    "Premium_LRS": "0.0001990",
}
_ADDRESS_HOUR = "0.0050"
_NAT_HOUR = "0.0450"


def cheapest(cpus: int, ram_mib: int) -> str:
    """The cheapest size that has at least this much. Raises NotSupportedError, code no-such-size."""
    fitting = [
        (Decimal(size.hour), name) for name, size in SIZES.items() if size.cpus >= cpus and size.ram_mib >= ram_mib
    ]
    if not fitting:
        raise NotSupportedError("no-such-size", f"No known size of Azure has {cpus} CPUs and {ram_mib} MiB.")
    return min(fitting)[1]


class AzurePricing:
    def __init__(self, prices: Api, settings: config.AzureConfig) -> None:
        self._prices = prices
        self._settings = settings
        self._hours = {name: size.hour for name, size in SIZES.items()}
        self._as_of = AS_OF

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        found = [*self._vms(request), *self._disks(request)]
        kinds = Counter(resource.kind for resource in request.landing)
        for kind, word, hour in (
            ("public_address", "public address", _ADDRESS_HOUR),
            ("nat", "NAT gateway", _NAT_HOUR),
        ):
            if kinds[kind]:
                found.append(self._entry(word, kinds[kind], Decimal(hour) * kinds[kind]))
        return tuple(found)

    def refresh(self) -> bool:
        wanted = f"serviceName eq 'Virtual Machines' and armRegionName eq '{self._settings.location}'"
        try:
            listed = self._prices.list("/api/retail/prices", _filter=f"{wanted} and priceType eq 'Consumption'")
        except CloudError:
            return False
        fresh = {str(item["armSkuName"]): item for item in listed if _is_linux(item) and "armSkuName" in item}
        self._hours |= {name: str(item["retailPrice"]) for name, item in fresh.items() if name in SIZES}
        dates = [str(item.get("effectiveStartDate", ""))[:10] for item in fresh.values()]
        self._as_of = max(dates, default=self._as_of)
        return bool(fresh)

    def _vms(self, request: PreflightRequest) -> list[Price]:
        sizes = Counter(vms.size_of(vms.read_properties(vm, self._settings), self._settings) for vm in request.vms)
        return [
            self._entry(name, count, Decimal(self._hours[name]) * count if name in self._hours else None)
            for name, count in sorted(sizes.items())
        ]

    def _disks(self, request: PreflightRequest) -> list[Price]:
        groups = Counter((_type(disk), disks.size_gib(disk.size_mib)) for disk in request.disks)
        found = []
        for (kind, gib), count in sorted(groups.items()):
            hour = _DISK_GIB_HOUR.get(kind)
            amount = Decimal(hour) * gib * count if hour else None
            found.append(self._entry(f"{kind} disk of {gib} GiB", count, amount))
        return found

    def _entry(self, what: str, quantity: int, amount: Decimal | None) -> Price:
        text = "" if amount is None else f"{amount:.6f}".rstrip("0").rstrip(".")
        return Price(what=what, quantity=quantity, amount=text, currency=CURRENCY, as_of=self._as_of)


def _type(disk: DiskRequest) -> str:
    return disks.read_properties(disk.cloud_properties, where="a disk").storage_account_type


def _is_linux(item: Mapping[str, Any]) -> bool:
    words = f"{item.get('productName', '')} {item.get('skuName', '')}"
    return not any(word in words for word in ("Windows", "Spot", "Low Priority"))
