"""PRICE: what VMs, disks and addresses cost, from a list with a date. Pure but for `refresh`.

Takes a plan's requests, gives prices. The list is of pay-as-you-go Linux prices in West Europe, in US dollars; other
regions differ by some percent, so it is an estimate, and says its date.
"""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cpi.clouds.azure.landing import template_parts
from cpi.clouds.azure.machines import disks, vms
from cpi.clouds.azure.prices import disk_prices, retail_prices
from cpi.clouds.azure.wire import config
from cpi.clouds.azure.wire.api import Api
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskRequest, PreflightRequest, Price
from cpi.kit import judge

AS_OF = "2025-06-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSize:
    """A VM size: what it has, and what an hour of it costs."""

    cpus: int
    ram_mib: int
    hour: str


SIZES: Mapping[str, PricedSize] = {
    "Standard_B1s": PricedSize(cpus=1, ram_mib=1024, hour="0.0120"),
    "Standard_B1ms": PricedSize(cpus=1, ram_mib=2048, hour="0.0240"),
    "Standard_B2s": PricedSize(cpus=2, ram_mib=4096, hour="0.0480"),
    "Standard_B2ms": PricedSize(cpus=2, ram_mib=8192, hour="0.0960"),
    "Standard_D2s_v5": PricedSize(cpus=2, ram_mib=8192, hour="0.1150"),
    "Standard_D2s_v3": PricedSize(cpus=2, ram_mib=8192, hour="0.1200"),
    "Standard_D4s_v5": PricedSize(cpus=4, ram_mib=16384, hour="0.2300"),
    "Standard_D4s_v3": PricedSize(cpus=4, ram_mib=16384, hour="0.2400"),
    "Standard_D8s_v5": PricedSize(cpus=8, ram_mib=32768, hour="0.4600"),
}
_ADDRESS_HOUR = "0.0050"
_NAT_HOUR = "0.0450"
_RULES = 5
_FIRST_RULES_HOUR, _RULE_HOUR = Decimal("0.0250"), Decimal("0.0100")
"""Of a load balancer, for its first rules together, and for each rule beyond them; without rules it costs nothing."""


def cheapest(cpus: int, ram_mib: int) -> str:
    """The cheapest size that has at least this much. Raises NotSupportedError, code no-such-size."""
    return judge.smallest(
        (
            judge.Capacity(name=name, cpus=size.cpus, ram_mib=size.ram_mib, rank=(Decimal(size.hour),))
            for name, size in SIZES.items()
        ),
        cpus=cpus,
        ram_mib=ram_mib,
    )


class AzurePricing:
    """`prices` is None where this Azure has no public list."""

    def __init__(self, prices: Api | None, settings: config.AzureConfig) -> None:
        self._prices = prices
        self._settings = settings
        self._hours = {name: size.hour for name, size in SIZES.items()}
        self._days: dict[str, str] = {}
        """By size, the day on which Azure told its price; of all others it is the list's."""

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        found = [*self._vms(request), *self._disks(request)]
        kinds = Counter(resource.kind for resource in request.landing)
        for kind, word, hour in (
            ("public_address", "public address", _ADDRESS_HOUR),
            ("nat", "NAT gateway", _NAT_HOUR),
        ):
            if kinds[kind]:
                found.append(_entry(word, kinds[kind], Decimal(hour) * kinds[kind]))
        balancers = [len(one.entries or ()) for one in request.landing if one.kind == template_parts.BALANCER]
        if balancers:
            found.append(_entry("load balancer", len(balancers), sum(map(_balancer_hour, balancers), Decimal(0))))
        return tuple(found)

    def refresh(self, request: PreflightRequest) -> bool:
        try:
            wanted = retail_prices.write_filter(self._settings.location, self._sizes(request))
            if self._prices is None or not wanted:
                return False
            renewed = retail_prices.read_prices(self._prices.list("/api/retail/prices", filter=wanted))
        except CloudError:
            return False
        today = datetime.datetime.fromtimestamp(self._prices.clock.wall_s(), datetime.UTC).date().isoformat()
        self._hours |= renewed
        self._days |= dict.fromkeys(renewed, today)
        return bool(renewed)

    def _vms(self, request: PreflightRequest) -> list[Price]:
        return [
            replace(
                _entry(name, count, self._hours_of(name, count), as_of=self._days.get(name, AS_OF)),
                cores=SIZES[name].cpus * count if name in SIZES else None,
            )
            for name, count in sorted(self._sizes(request).items())
        ]

    def _hours_of(self, name: str, count: int) -> Decimal | None:
        return Decimal(self._hours[name]) * count if name in self._hours else None

    def _sizes(self, request: PreflightRequest) -> Counter[str]:
        return Counter(vms.size_of(vms.read_properties(vm, self._settings), self._settings) for vm in request.vms)

    def _disks(self, request: PreflightRequest) -> list[Price]:
        groups = Counter((_type(disk), disks.size_gib(disk.size_mib)) for disk in request.disks)
        groups.update(self._system_disks(request))
        found = []
        for (kind, gib), count in sorted(groups.items()):
            hour = disk_prices.hour_of(kind, gib)
            found.append(_entry(f"{kind} disk of {gib} GiB", count, hour * count if hour is not None else None))
        return found

    def _system_disks(self, request: PreflightRequest) -> Iterator[tuple[str, int]]:
        """Type and GiB of the disk that each VM starts from; one on its host costs nothing."""
        for vm in request.vms:
            found = vms.read_properties(vm, self._settings)
            if not vms.is_on_host(found):
                yield vms.system_disk_type(found), vms.system_disk_gib(found) or vms.IMAGE_GIB


def _entry(what: str, quantity: int, amount: Decimal | None, *, as_of: str = AS_OF) -> Price:
    text = "" if amount is None else f"{amount:.6f}".rstrip("0").rstrip(".")
    return Price(what=what, quantity=quantity, amount=text, currency=retail_prices.CURRENCY, as_of=as_of)


def _balancer_hour(rules: int) -> Decimal:
    return _FIRST_RULES_HOUR + _RULE_HOUR * max(0, rules - _RULES) if rules else Decimal(0)


def _type(disk: DiskRequest) -> str:
    return disks.read_properties(disk.cloud_properties, where="a disk").storage_account_type
