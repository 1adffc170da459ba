"""What a plan will cost, for people and for machines.

Takes a Bill, gives lines and JSON. Amounts are decimal numbers; currencies are never added up.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from cpi.contract.values import JsonValue, Price
from director.model import as_data
from director.model.report import Bill

_MONTH_H = 30 * 24
_NAMED = 3
"""So many things without a price are named; the others are counted."""


def bill_lines(bill: Bill) -> tuple[str, ...]:
    """One line, or none where no cloud has prices."""
    listed = _listed(bill)
    if not listed:
        return ()
    sums = " and ".join(_sum_words(currency, hourly) for currency, hourly in _hourly(listed).items())
    dates = ", ".join(sorted({price.as_of for price in listed if price.amount}))
    known = f"{sums} (price list of {dates})" if sums else "not known"
    return (f"Cost: {known}{_unknown_words(listed)}.",)


def short_words(bill: Bill) -> str:
    """The sums alone, rounded; "price not known" without any."""
    listed = _listed(bill)
    sums = " and ".join(
        f"{hourly:.4f} {currency} an hour, {hourly * _MONTH_H:.2f} in 30 days"
        for currency, hourly in _hourly(listed).items()
    )
    return f"{sums}{_unknown_words(listed)}" if sums else "price not known"


def month_words(bill: Bill) -> str:
    """ "37.15 USD": what 30 days cost; "at least 37.15 USD" where something has no known price, "" without any."""
    listed = _listed(bill)
    sums = " + ".join(f"{hourly * _MONTH_H:.2f} {currency}" for currency, hourly in _hourly(listed).items())
    return f"at least {sums}" if sums and unpriced(bill) else sums


def bill_json(bill: Bill) -> Mapping[str, JsonValue]:
    """The sums by currency, and each price; `unknown` names what has none."""
    listed = _listed(bill)
    return {
        "per_hour": {currency: amount_text(hourly) for currency, hourly in _hourly(listed).items()},
        "per_month": {currency: amount_text(hourly * _MONTH_H) for currency, hourly in _hourly(listed).items()},
        "as_of": sorted({price.as_of for price in listed if price.amount}),
        "unknown": list(unpriced(bill)),
        "prices": [
            {"cloud": cloud, **_fields(price)} for cloud, prices in sorted(bill.prices.items()) for price in prices
        ],
    }


def hourly_sums(bill: Bill) -> Mapping[str, Decimal]:
    """What an hour costs, by currency; empty where no price is known."""
    return _hourly(_listed(bill))


def unpriced(bill: Bill) -> Sequence[str]:
    """What has no known price."""
    return [price.what for price in _listed(bill) if not price.amount]


def dearest(bill: Bill) -> str:
    """The most expensive things, each with its price."""
    priced = sorted(((Decimal(each.amount), each) for each in _listed(bill) if each.amount), key=lambda pair: -pair[0])
    return ", ".join(f"{each.what} ({amount_text(amount)} {each.currency})" for amount, each in priced[:_NAMED])


def amount_text(amount: Decimal) -> str:
    """Four places are what lists have; more are kept."""
    return str(amount.quantize(Decimal("0.0001")) if amount == amount.quantize(Decimal("0.0001")) else amount)


def _listed(bill: Bill) -> Sequence[Price]:
    return [price for _, prices in sorted(bill.prices.items()) for price in prices]


def _hourly(listed: Sequence[Price]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for price in listed:
        if price.amount:
            sums[price.currency] = sums.get(price.currency, Decimal(0)) + Decimal(price.amount)
    return sums


def _sum_words(currency: str, hourly: Decimal) -> str:
    return f"{amount_text(hourly)} {currency} an hour, {hourly * _MONTH_H:.2f} {currency} in 30 days"


def _unknown_words(listed: Sequence[Price]) -> str:
    names = [price.what for price in listed if not price.amount]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"; without a known price: {', '.join(names[:_NAMED])}{more}"


def _fields(price: Price) -> Mapping[str, JsonValue]:
    data = as_data.encode(price)
    return data if isinstance(data, Mapping) else {}
