"""PRICE: what a plan costs an hour, from a list that lies here; and the cheapest size that is large enough.

Takes requests, gives prices. Asks AWS only when told to.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from cpi.aws import layout, price_list
from cpi.aws.api import Api
from cpi.aws.config import AwsConfig, DiskProperties, VmProperties, read_properties
from cpi.aws.disks import gib_of
from cpi.errors import CloudError, NotSupportedError
from cpi.values import DiskRequest, PreflightRequest, Price, VmRequest

_WANTED = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
}
_MOST_PAGES = 100


class AwsPricing:
    """Implements Pricing of cpi.cloud."""

    def __init__(self, api: Api, config: AwsConfig) -> None:
        self._api = api
        self._config = config
        self._hours = hours_in(config.region)
        self._as_of = price_list.AS_OF

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        found = [*self._vms(request.vms), *self._disks(request.disks), *self._landing(request)]
        return tuple(found)

    def refresh(self) -> bool:
        try:
            listed = dict(self._load())
        except CloudError:
            return False
        if not listed:
            return False
        self._hours = {**self._hours, **{kind: hour for kind, (hour, _) in listed.items()}}
        self._as_of = max(day for _, day in listed.values())
        return True

    def _vms(self, vms: Iterable[VmRequest]) -> Iterator[Price]:
        kinds = Counter(_kind_of(vm) for vm in vms)
        for (kind, is_spot), count in sorted(kinds.items()):
            hour = "" if is_spot else self._hours.get(kind, "")
            yield self._price(f"{kind} {'spot ' if is_spot else ''}instance", count, hour)

    def _disks(self, disks: Iterable[DiskRequest]) -> Iterator[Price]:
        gibs: Counter[str] = Counter()
        for disk in disks:
            kind = read_properties(DiskProperties, disk.cloud_properties, where="a disk").type
            gibs[kind] += gib_of(disk.size_mib)
        for kind, gib in sorted(gibs.items()):
            month = price_list.GIB_MONTH.get(kind, "") if self._is_known() else ""
            hour = str(Decimal(month) / price_list.HOURS_OF_MONTH) if month else ""
            yield self._price(f"GiB of {kind} disk", gib, hour)

    def _landing(self, request: PreflightRequest) -> Iterator[Price]:
        kinds = Counter(resource.kind for resource in request.landing)
        for kind, hour, what in (
            (layout.ADDRESS, price_list.PUBLIC_ADDRESS_HOUR, "public address"),
            (layout.NAT, price_list.NAT_GATEWAY_HOUR, "NAT gateway"),
        ):
            if kinds[kind]:
                yield self._price(what, kinds[kind], hour if self._is_known() else "")

    def _price(self, what: str, quantity: int, hour: str) -> Price:
        amount = f"{(Decimal(hour) * quantity).quantize(Decimal('0.00001')).normalize():f}" if hour else ""
        return Price(what=what, quantity=quantity, amount=amount, currency=price_list.CURRENCY, as_of=self._as_of)

    def _is_known(self) -> bool:
        return self._config.region in price_list.REGIONS

    def _load(self) -> Iterator[tuple[str, tuple[str, str]]]:
        wanted = {**_WANTED, "regionCode": self._config.region}
        named = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
        token: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page = self._api.read("pricing", "GetProducts", ServiceCode="AmazonEC2", Filters=named, **token)
            for line in page.get("PriceList", ()):
                found = read_product(json.loads(line))
                if found is not None:
                    yield found
            if not page.get("NextToken"):
                return
            token = {"NextToken": str(page["NextToken"])}


def hours_in(region: str) -> Mapping[str, str]:
    """The list's prices by instance type; empty where it says nothing."""
    if region not in price_list.REGIONS:
        return {}
    return {name: size.hour for name, size in price_list.SIZES.items()}


def cheapest(cpu: int, ram_mib: int, *, architecture: str) -> str:
    """The cheapest instance type with at least so much. Raises NotSupportedError, code no-such-size."""
    fitting = [
        size
        for size in price_list.SIZES.values()
        if size.cpus >= cpu and size.ram_mib >= ram_mib and size.architecture == architecture
    ]
    if not fitting:
        raise NotSupportedError(
            "no-such-size",
            f"The plugin knows no instance type with {cpu} processors and {ram_mib} MiB for {architecture}.",
            fix="Name one as cloud property instance_type.",
        )
    return min(fitting, key=lambda size: (Decimal(size.hour), size.name)).name


def read_product(product: Mapping[str, Any]) -> tuple[str, tuple[str, str]] | None:
    """Instance type, price an hour and its day, of one entry of AWS's list; None for one without a price."""
    kind = product.get("product", {}).get("attributes", {}).get("instanceType", "")
    for offer in product.get("terms", {}).get("OnDemand", {}).values():
        for rate in offer.get("priceDimensions", {}).values():
            amount = rate.get("pricePerUnit", {}).get(price_list.CURRENCY, "")
            if kind and amount and Decimal(amount) > 0:
                return kind, (amount, str(offer.get("effectiveDate", ""))[:10])
    return None


def _kind_of(vm: VmRequest) -> tuple[str, bool]:
    properties = read_properties(VmProperties, vm.cloud_properties, where=f"VM '{vm.name}'")
    return properties.instance_type, properties.spot_bid_price is not None
