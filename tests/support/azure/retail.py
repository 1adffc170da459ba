"""A stand-in for Azure's public list of prices: filters, pages of two, and entries that are no hour of plain Linux.

Takes requests, gives replies. Source: the documented example of the Retail Prices API.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule

_PAGE = 2


@dataclass(slots=True, kw_only=True)
class Retail:
    """`hours` are prices of Linux by size."""

    hours: dict[str, float] = field(default_factory=dict)

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """The entries that a filter wants, page by page."""
        if request.path != "/api/retail/prices" or "Authorization" in request.headers:
            return Reply(status=404, body={"error": "not_found"})
        wanted = re.findall(r"armSkuName eq '([^']*)'", request.query.get("$filter", ""))
        listed = [entry for name in wanted if name in self.hours for entry in _entries(name, self.hours[name])]
        at = int(request.query.get("$skip", "0"))
        following = urlencode({**request.query, "$skip": at + _PAGE})
        link = f"{request.base}{request.path}?{following}" if at + _PAGE < len(listed) else None
        return Reply(status=200, body={"Items": listed[at : at + _PAGE], "NextPageLink": link, "Count": _PAGE})


def _entries(name: str, hour: float) -> list[dict[str, Any]]:
    sku = name.removeprefix("Standard_").replace("_", " ")
    plain = {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": hour,
        "unitPrice": hour,
        "armRegionName": "westeurope",
        "location": "EU West",
        "effectiveStartDate": "2023-04-01T00:00:00Z",
        "meterName": sku,
        "productName": "Virtual Machines Series",
        "skuName": sku,
        "serviceName": "Virtual Machines",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "armSkuName": name,
    }
    return [
        {**plain, "effectiveStartDate": "2021-01-01T00:00:00Z", "retailPrice": hour * 2},
        {**plain, "productName": "Virtual Machines Series Windows", "retailPrice": hour * 3},
        {**plain, "skuName": f"{sku} Spot", "retailPrice": hour / 4},
        {**plain, "type": "Reservation", "unitOfMeasure": "1 Hour", "retailPrice": hour * 4000},
        {**plain, "currencyCode": "EUR", "retailPrice": hour * 5},
        plain,
    ]
