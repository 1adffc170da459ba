"""What an environment has cost so far, by deployment: prices times the hours that each resource was there.

Takes lifetimes with their prices for an hour, gives a Table.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field
from decimal import Decimal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, Price
from director.model.costs import Lifetime
from director.model.ids import EnvironmentName
from director.model.report import Table
from director.report import bill_text, time_words

LANDING_ZONE = "(landing zone)"
_HOUR_S = Decimal(3600)
_NAMED = 3
_NOT_COUNTED = (
    "Not counted: traffic, snapshots, images, object storage. A resource that was deleted by hand counts as there."
)

PricedLifetime = tuple[Lifetime, tuple[Price, ...]]


@dataclass(slots=True)
class _Row:
    """One deployment. `spent` and `hourly` are by currency; `hourly` is of what is there now."""

    since: float
    vms: int = 0
    disks: int = 0
    vm_hours: Decimal = Decimal(0)
    spent: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    hourly: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def spending_table(environment: EnvironmentName, priced: Sequence[PricedLifetime], *, now: float) -> Table:
    """The environment's sums stand above the rows. Prices are those of the lists as they are now, also for the past."""
    rows: dict[str, _Row] = {}
    for lifetime, prices in priced:
        row = rows.setdefault(lifetime.deployment or LANDING_ZONE, _Row(since=lifetime.created_at))
        _add(row, lifetime, prices, now=now)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows.values():
        for currency, amount in row.spent.items():
            spent[currency] += amount
    listed = [price for _, prices in priced for price in prices]
    unknown = sorted({price.what for price in listed if not price.amount})
    since = min((row.since for row in rows.values()), default=now)
    about: Mapping[str, JsonValue] = {
        "environment": environment,
        "since": time_words.utc_text(since),
        "spent": _amounts(spent),
        "as_of": sorted({price.as_of for price in listed if price.amount}),
        "unknown": list(unknown),
    }
    return Table(
        name="costs",
        columns=("deployment", "since", "vms", "disks", "vm_hours", "spent", "an_hour_now"),
        rows=tuple(_cells(name, row) for name, row in rows.items()),
        empty=f"Nothing was created in environment '{environment}' yet.",
        subject="cost",
        about=about,
        heading=_heading(environment, about, unknown) if rows else (),
    )


def _add(row: _Row, lifetime: Lifetime, prices: Sequence[Price], *, now: float) -> None:
    end = now if lifetime.deleted_at is None else lifetime.deleted_at
    hours = Decimal(str(round(max(0.0, end - lifetime.created_at), 3))) / _HOUR_S
    row.vm_hours += hours * len(lifetime.request.vms)
    if lifetime.deleted_at is None:
        row.vms += len(lifetime.request.vms)
        row.disks += len(lifetime.request.disks)
    for price in prices:
        if price.amount:
            row.spent[price.currency] += Decimal(price.amount) * hours
            if lifetime.deleted_at is None:
                row.hourly[price.currency] += Decimal(price.amount)


def _cells(name: str, row: _Row) -> Mapping[str, JsonValue]:
    return {
        "deployment": name,
        "since": time_words.utc_text(row.since),
        "vms": row.vms,
        "disks": row.disks,
        "vm_hours": f"{row.vm_hours:.2f}",
        "spent": _words(row.spent),
        "an_hour_now": _words(row.hourly),
    }


def _heading(environment: str, about: Mapping[str, JsonValue], unknown: Sequence[str]) -> tuple[str, ...]:
    spent, dates = about["spent"], about["as_of"]
    if not isinstance(spent, Mapping) or not spent or not isinstance(dates, list):
        return (f"What environment '{environment}' has cost is not known: no price list has what it uses.",)
    sums = " and ".join(f"{amount} {currency}" for currency, amount in spent.items())
    lists = ", ".join(map(str, dates))
    lines = [f"Environment '{environment}' has cost {sums} since {about['since']} (price list of {lists})."]
    if unknown:
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        lines.append(f"Without a known price, so not counted: {', '.join(unknown[:_NAMED])}{more}.")
    return (*lines, _NOT_COUNTED)


def _words(sums: Mapping[str, Decimal]) -> str:
    return " + ".join(f"{text} {currency}" for currency, text in _amounts(sums).items())


def _amounts(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: bill_text.amount_text(amount.quantize(Decimal("0.0001"))) for currency, amount in sums.items()}
