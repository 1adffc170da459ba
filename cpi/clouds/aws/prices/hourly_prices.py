"""PRICE: the hourly cost of a plan, from a shipped list; and the cheapest size that is large enough.

Takes requests, gives prices. Asks AWS only when told to.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cpi.clouds.aws.landing import balancer_layout, layout
from cpi.clouds.aws.machines import block_device_mappings
from cpi.clouds.aws.machines.disks import gib_of
from cpi.clouds.aws.prices import price_list
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig, DiskProperties, VmProperties, read_properties
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskRequest, PreflightRequest, Price, VmRequest
from cpi.kit import judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What AWS's list calls a kind of thing: the attribute with its name, what tells it apart, what is paid for."""

    attribute: str
    wanted: Mapping[str, str]
    unit: str


INSTANCE = Product(
    attribute="instanceType",
    wanted={
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
    },
    unit="Hrs",
)
VOLUME = Product(attribute="volumeApiName", wanted={"productFamily": "Storage"}, unit="GB-Mo")
_MOST_KINDS = 20
"""Of a plan with more types the others cost what the list says."""
_ENTRIES = 10
_MOST = Decimal(1000)
_IMAGE_GIB = 8
"""The size of the stock images of Debian and Ubuntu, which the root volume of a VM has that names none."""


class AwsPricing:
    """Implements Pricing of cpi.contract.cloud."""

    def __init__(self, api: Api, config: AwsConfig) -> None:
        self._api = api
        self._config = config
        self._hours = hours_in(config.region)
        self._months = months_in(config.region)
        self._days: Mapping[str, str] = {}
        """By instance or volume type, the day on which AWS told its price; of all others it is the list's."""

    def price(self, request: PreflightRequest) -> tuple[Price, ...]:
        found = [*self._vms(request.vms), *self._volumes(request), *self._landing(request)]
        return tuple(found)

    def refresh(self, request: PreflightRequest) -> bool:
        try:
            hours = self._load(INSTANCE, {kind for kind, is_spot in map(_kind_of, request.vms) if not is_spot})
            months = self._load(VOLUME, {kind for kind, _ in self._volumes_of(request)})
        except CloudError:
            return False
        self._hours = {**self._hours, **hours}
        self._months = {**self._months, **months}
        self._days = {**self._days, **dict.fromkeys((*hours, *months), self._api.today())}
        return bool(hours or months)

    def _vms(self, vms: Iterable[VmRequest]) -> Iterator[Price]:
        kinds = Counter(_kind_of(vm) for vm in vms)
        for (kind, is_spot), count in sorted(kinds.items()):
            hour = "" if is_spot else self._hours.get(kind, "")
            what, day = f"{kind} {'spot ' if is_spot else ''}instance", self._days.get(kind, price_list.AS_OF)
            cores = price_list.SIZES[kind].cpus * count if kind in price_list.SIZES else None
            yield replace(_price(what, count, hour, as_of=day), cores=cores)

    def _volumes(self, request: PreflightRequest) -> Iterator[Price]:
        gibs: Counter[str] = Counter()
        for kind, gib in self._volumes_of(request):
            gibs[kind] += gib
        for kind, gib in sorted(gibs.items()):
            month = self._months.get(kind, "")
            hour = str(Decimal(month) / price_list.HOURS_OF_MONTH) if month else ""
            yield _price(f"GiB of {kind} disk", gib, hour, as_of=self._days.get(kind, price_list.AS_OF))

    def _volumes_of(self, request: PreflightRequest) -> Iterator[tuple[str, int]]:
        """Type and GiB of each disk, and of the volumes that each VM is made with."""
        for disk in request.disks:
            yield _type_of(disk), gib_of(disk.size_mib)
        for vm in request.vms:
            wanted = block_device_mappings.DiskRequests(
                properties=_properties_of(vm), image_gib=_IMAGE_GIB, has_agent=vm.agent is not None
            )
            own = (
                block_device_mappings.root_disk(wanted, self._config),
                block_device_mappings.ephemeral_disk(wanted, self._config),
            )
            yield from ((one.type, one.gib) for one in own if one is not None)

    def _landing(self, request: PreflightRequest) -> Iterator[Price]:
        kinds = Counter(resource.kind for resource in request.landing)
        for kind, hour, what in (
            (layout.ADDRESS, price_list.PUBLIC_ADDRESS_HOUR, "public address"),
            (layout.NAT, price_list.NAT_GATEWAY_HOUR, "NAT gateway"),
            (balancer_layout.BALANCER, price_list.LOAD_BALANCER_HOUR, "load balancer"),
        ):
            if kinds[kind]:
                yield _price(what, kinds[kind], hour if self._is_known() else "")

    def _is_known(self) -> bool:
        return self._config.region in price_list.REGIONS

    def _load(self, product: Product, kinds: Collection[str]) -> dict[str, str]:
        """Prices by kind. AWS has an entry a type for what is wanted; a page with more than a few is none of its."""
        recently_created: dict[str, str] = {}
        for kind in sorted(set(kinds) - {""})[:_MOST_KINDS]:
            wanted = {**product.wanted, "regionCode": self._config.region, product.attribute: kind}
            named = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
            page = self._api.read("pricing", "GetProducts", ServiceCode="AmazonEC2", Filters=named, MaxResults=_ENTRIES)
            found = (read_entry(line, product) for line in page.get("PriceList", ())[:_ENTRIES])
            recently_created |= {name: amount for name, amount in filter(None, found) if name == kind}
        return recently_created


def hours_in(region: str) -> Mapping[str, str]:
    """The list's prices by instance type; empty where it says nothing."""
    if region not in price_list.REGIONS:
        return {}
    return {name: size.hour for name, size in price_list.SIZES.items()}


def months_in(region: str) -> Mapping[str, str]:
    """The list's prices of a GiB by volume type; empty where it says nothing."""
    return price_list.GIB_MONTH if region in price_list.REGIONS else {}


def cheapest(cpu: int, ram_mib: int, *, architecture: str) -> str:
    """The cheapest instance type with at least so much. Raises NotSupportedError, code no-such-size."""
    return judge.smallest(
        (
            judge.Capacity(name=size.name, cpus=size.cpus, ram_mib=size.ram_mib, rank=(Decimal(size.hour),))
            for size in price_list.SIZES.values()
            if size.architecture == architecture
        ),
        cpus=cpu,
        ram_mib=ram_mib,
    )


def read_entry(line: str, product: Product) -> tuple[str, str] | None:
    """Kind and price of one entry of AWS's list, a text; None for one without a price."""
    try:
        entry = json.loads(line)
        kind = str(entry["product"]["attributes"][product.attribute])
        rates = [rate for offer in entry["terms"]["OnDemand"].values() for rate in offer["priceDimensions"].values()]
        answer = [rate["pricePerUnit"][price_list.CURRENCY] for rate in rates if rate["unit"] == product.unit]
        amounts = [Decimal(str(amount)) for amount in answer]
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None  # not as AWS writes it: the shipped list is used
    fitting = [amount for amount in amounts if amount.is_finite() and 0 < amount < _MOST]
    return (kind, f"{fitting[0]:f}") if fitting else None


def _price(what: str, quantity: int, hour: str, *, as_of: str = price_list.AS_OF) -> Price:
    amount = f"{(Decimal(hour) * quantity).quantize(Decimal('0.00001')).normalize():f}" if hour else ""
    return Price(what=what, quantity=quantity, amount=amount, currency=price_list.CURRENCY, as_of=as_of)


def _type_of(disk: DiskRequest) -> str:
    return read_properties(DiskProperties, disk.cloud_properties, where="a disk").type


def _kind_of(vm: VmRequest) -> tuple[str, bool]:
    properties = _properties_of(vm)
    return properties.instance_type, properties.spot_bid_price is not None


def _properties_of(vm: VmRequest) -> VmProperties:
    return read_properties(VmProperties, vm.cloud_properties, where=f"VM '{vm.name}'")
