"""A disk costs what the next larger tier of its type costs."""

from decimal import Decimal

import pytest

from cpi.clouds.azure.prices import disk_prices


@pytest.mark.parametrize(
    ("kind", "gib", "month"),
    [
        ("Premium_LRS", 1, "0.78"),
        ("Premium_LRS", 32, "5.8072"),
        ("Premium_LRS", 33, "11.2272"),
        ("Premium_LRS", 32768, "3964.34"),
        ("StandardSSD_LRS", 1000, "76.8"),
        ("Standard_LRS", 1, "1.536"),
        ("Standard_LRS", 1025, "81.92"),
    ],
)
def test_a_size_is_billed_as_its_tier(kind: str, gib: int, month: str) -> None:
    assert disk_prices.hour_of(kind, gib) == Decimal(month) / 730


def test_what_is_not_on_the_list_has_no_price() -> None:
    assert disk_prices.hour_of("UltraSSD_LRS", 4) is None
    assert disk_prices.hour_of("Premium_LRS", 32769) is None
