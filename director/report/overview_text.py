"""What is there once a plan is carried out, for people and for machines: one screen of 80 columns.

Takes an Overview, gives lines and JSON.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from cpi.contract.values import JsonValue
from director.model.costs import Duration, Overview, PricedGroup
from director.model.report import Bill
from director.report import bill_text, cleaning, quota_text, time_words

_MONTH_H = 30 * 24
_WIDTH = 80
_SHOWN_GROUPS = 12
"""So many groups have a line of their own; the others share one, so that a question stays on one screen."""
_NAMED = 3


def overview_lines(overview: Overview) -> tuple[str, ...]:
    """A table of groups, then compile VMs and the rest of the environment, and how long it takes."""
    return tuple(_lines(overview))


def overview_json(overview: Overview) -> Mapping[str, JsonValue]:
    """Groups with what they have and cost; `compiling` and `others` only where there are such."""
    return {
        "groups": [_group_json(group) for group in overview.groups],
        **({"compiling": _group_json(overview.compiling)} if overview.compiling else {}),
        **({"others": _group_json(overview.others)} if overview.others else {}),
        **({"duration": _duration_json(overview.duration)} if overview.duration else {}),
        **({"quotas": quota_text.left_json(overview.quotas)} if overview.quotas else {}),
    }


def size_words(mib: int) -> str:
    """A size in GiB, or in MiB where that is less than one."""
    return f"{mib} MiB" if mib % 1024 and mib < 1024 else f"{-(-mib // 1024)} GiB"


def _lines(overview: Overview) -> Iterator[str]:
    groups = overview.groups
    if len(groups) > _SHOWN_GROUPS:
        kept = _SHOWN_GROUPS - 1
        groups = (*groups[:kept], _sum(f"{len(groups) - kept} more groups", groups[kept:]))
    rows = [_cells(group) for group in groups]
    total = [_cells(_sum("in all", overview.groups))] if len(groups) > 1 else []
    extra = [_cells(group) for group in (overview.compiling, overview.others) if group is not None]
    if not rows and not extra:
        return
    yield from _table([_HEADER, *rows, *total, *extra])
    yield from quota_text.left_lines(overview.quotas)
    if overview.duration is not None:
        yield from textwrap.wrap(_duration_text(overview.duration), _WIDTH, subsequent_indent="    ")


_HEADER = ("Afterwards", "VMs", "Cores", "Disks", "Addresses", "An hour", "30 days")


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns that say nothing are left out; the name is cut where the line would be too long."""
    used = [at for at in range(len(_HEADER)) if at == 0 or any(row[at] not in {"", "0", "?"} for row in rows[1:])]
    widths = {at: max(len(row[at]) for row in rows) for at in used}
    others = sum(widths[at] + 2 for at in used[1:])
    widths[0] = max(8, min(widths[0], _WIDTH - others - 2))
    for row in rows:
        name = cleaning.clean_line(row[0])[: widths[0]].ljust(widths[0])
        cells = [name, *(row[at].rjust(widths[at]) for at in used[1:])]
        yield f"  {'  '.join(cells)}".rstrip()


def _cells(group: PricedGroup) -> tuple[str, ...]:
    sums = bill_text.hourly_sums(group.bill)
    mark = "+?" if sums and bill_text.unpriced(group.bill) else ""
    return (
        group.name,
        str(group.vms),
        "?" if group.cores is None else str(group.cores),
        f"{group.disks} ({size_words(group.disk_mib)})" if group.disks else "0",
        str(group.addresses),
        " + ".join(f"{hourly:.4f} {currency}{mark}" for currency, hourly in sums.items()),
        " + ".join(f"{hourly * _MONTH_H:.2f} {currency}{mark}" for currency, hourly in sums.items()),
    )


def _sum(name: str, groups: Sequence[PricedGroup]) -> PricedGroup:
    cores = [group.cores for group in groups]
    prices = [(cloud, price) for group in groups for cloud, listed in group.bill.prices.items() for price in listed]
    clouds = dict.fromkeys(cloud for cloud, _ in prices)
    return PricedGroup(
        name=name,
        vms=sum(group.vms for group in groups),
        disks=sum(group.disks for group in groups),
        disk_mib=sum(group.disk_mib for group in groups),
        addresses=sum(group.addresses for group in groups),
        cores=None if None in cores else sum(each or 0 for each in cores),
        bill=Bill(prices={cloud: tuple(price for of, price in prices if of == cloud) for cloud in clouds}),
    )


def _duration_text(duration: Duration) -> str:
    took = time_words.span_text(duration.measured_s)
    if not duration.unmeasured:
        return f"Takes about {took}, as former runs did."
    names = ", ".join(duration.unmeasured[:_NAMED])
    more = f" and {len(duration.unmeasured) - _NAMED} more" if len(duration.unmeasured) > _NAMED else ""
    known = f"more than {took}" if duration.measured_s >= 1 else "unknown"
    return f"Duration: {known}; not measured here before: {names}{more}."


def _group_json(group: PricedGroup) -> Mapping[str, JsonValue]:
    hourly: Mapping[str, Decimal] = bill_text.hourly_sums(group.bill)
    return {
        "name": group.name,
        "vms": group.vms,
        "cores": group.cores,
        "disks": group.disks,
        "disk_mib": group.disk_mib,
        "addresses": group.addresses,
        "per_hour": {currency: bill_text.amount_text(amount) for currency, amount in hourly.items()},
        "per_month": {currency: bill_text.amount_text(amount * _MONTH_H) for currency, amount in hourly.items()},
        "unknown": list(bill_text.unpriced(group.bill)),
    }


def _duration_json(duration: Duration) -> Mapping[str, JsonValue]:
    return {"measured_s": round(duration.measured_s, 1), "unmeasured": list(duration.unmeasured)}
