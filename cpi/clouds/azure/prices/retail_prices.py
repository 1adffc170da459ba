"""Azure's public list of prices (the Retail Prices API): what is asked, and what of an answer is taken. Pure.

Takes names of sizes, gives a filter; takes entries, gives prices. The list needs no login.
Source: MicrosoftDocs/azure-docs articles/cost-management-billing retail prices REST API, version 2023-01-01-preview.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

CURRENCY = "USD"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_PLAIN = ("Windows", "Spot", "Low Priority", "CloudServices", "Dedicated")
_MOST_AN_HOUR = Decimal(1000)


def write_filter(location: str, sizes: Iterable[str]) -> str:
    """For these sizes only, at most as many as fit into an address; "" where there is nothing to ask."""
    wanted = [f"armSkuName eq '{name}'" for name in sorted(set(sizes)) if _NAME.fullmatch(name)][:20]
    if not wanted:
        return ""
    place = f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq '{location}'"
    return f"{place} and ({' or '.join(wanted)})"


def read_prices(entries: Iterable[object]) -> Mapping[str, str]:
    """By size, what an hour of Linux costs; what is no such price is passed over. Of several the youngest counts."""
    answer = [entry for entry in entries if isinstance(entry, Mapping)]
    priced = [(str(entry.get("effectiveStartDate", "")), entry, _amount_of(entry)) for entry in answer]
    ordered = sorted((one for one in priced if one[2] is not None), key=lambda one: one[0])
    return {str(entry.get("armSkuName", "")): f"{amount:f}" for _, entry, amount in ordered}


def _amount_of(entry: Mapping[str, Any]) -> Decimal | None:
    words = f"{entry.get('productName', '')} {entry.get('skuName', '')}"
    answer = (entry.get("type"), entry.get("currencyCode"), entry.get("unitOfMeasure"))
    price = entry.get("retailPrice")
    is_plain = answer == ("Consumption", CURRENCY, "1 Hour") and not any(word in words for word in _NOT_PLAIN)
    if not is_plain or isinstance(price, bool) or not isinstance(price, int | float):
        return None
    amount = Decimal(str(price))
    return amount if amount.is_finite() and 0 < amount < _MOST_AN_HOUR else None
