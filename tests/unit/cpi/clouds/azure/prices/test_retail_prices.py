"""Prices of Azure's public list: what is asked, and what is taken of an answer."""

import math

import pytest

from cpi.clouds.azure.prices import retail_prices

PLAIN = {
    "type": "Consumption",
    "currencyCode": "USD",
    "unitOfMeasure": "1 Hour",
    "retailPrice": 0.096,
    "armSkuName": "Standard_D2s_v5",
    "effectiveStartDate": "2024-01-01T00:00:00Z",
}


def test_only_what_can_be_a_name_is_asked_for_and_not_too_much() -> None:
    place = "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq 'westeurope'"
    written = retail_prices.write_filter("westeurope", ["Standard_B2s", "x' or 1 eq 1", "Standard_A1", "Standard_B2s"])
    assert written == f"{place} and (armSkuName eq 'Standard_A1' or armSkuName eq 'Standard_B2s')"
    assert retail_prices.write_filter("westeurope", ["", "a b"]) == ""
    assert retail_prices.write_filter("westeurope", [f"Standard_{n}" for n in range(99)]).count("armSkuName") == 20


def test_the_youngest_price_counts() -> None:
    old = {**PLAIN, "effectiveStartDate": "2020-01-01T00:00:00Z", "retailPrice": 9}
    assert retail_prices.read_prices([PLAIN, old]) == {"Standard_D2s_v5": "0.096"}


@pytest.mark.parametrize(
    "entry",
    [
        "words",
        {},
        {**PLAIN, "retailPrice": math.nan},
        {**PLAIN, "retailPrice": math.inf},
        {**PLAIN, "retailPrice": True},
        {**PLAIN, "retailPrice": "0.1"},
        {**PLAIN, "retailPrice": 0},
        {**PLAIN, "retailPrice": 5000},
        {**PLAIN, "currencyCode": "EUR"},
        {**PLAIN, "unitOfMeasure": "1 Month"},
        {**PLAIN, "type": "Reservation"},
        {**PLAIN, "productName": "Virtual Machines Dsv5 Series Windows"},
        {**PLAIN, "skuName": "D2s v5 Spot"},
    ],
)
def test_what_is_no_price_of_an_hour_of_linux_is_passed_over(entry: object) -> None:
    assert retail_prices.read_prices([entry]) == {}
