"""What managed disks cost: Azure bills a disk as the next larger tier of its type. Pure.

Takes a type and a size, gives the price of an hour. West Europe, US dollars, locally redundant, without transactions.
Source: flexera-public/policy_templates data/azure/azure_md_pricing.json @03d5ff9, which is made from Azure's Retail
Prices API; tiers by MicrosoftDocs/azure-docs articles/virtual-machines/disks-types.md.
"""

from collections.abc import Mapping
from decimal import Decimal

_HOURS_OF_MONTH = 730
_GIB = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
"""The tiers' sizes; a type's prices are those of the last so many of them."""
_PREMIUM = "0.78 1.56 3.12 5.8072 11.2272 21.68 41.811428 80.54 148.68 284.9371 545.0971 1040.64 1982.17 3964.34"
_STANDARD_SSD = "0.3 0.6 1.2 2.4 4.8 9.6 19.2 38.4 76.8 153.6 307.2 614.4 1228.8 2457.6"
_STANDARD = "1.536 3.008 5.888 11.328 21.76 40.96 81.92 163.84 327.68 655.36 1310.72"
_MONTHS: Mapping[str, tuple[Decimal, ...]] = {
    kind: tuple(map(Decimal, months.split()))
    for kind, months in (
        ("Premium_LRS", _PREMIUM),
        ("StandardSSD_LRS", _STANDARD_SSD),
        ("Standard_LRS", _STANDARD),
    )
}


def hour_of(kind: str, gib: int) -> Decimal | None:
    """None for a type or a size that is not on the list."""
    months = _MONTHS.get(kind, ())
    tiers = zip(_GIB[len(_GIB) - len(months) :], months, strict=True)
    return next((month / _HOURS_OF_MONTH for size, month in tiers if gib <= size), None)
