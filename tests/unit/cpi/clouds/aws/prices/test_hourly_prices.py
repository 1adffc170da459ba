"""Prices from the list, limits by family."""

import json

import pytest

from cpi.clouds.aws.preflight import quotas
from cpi.clouds.aws.prices import hourly_prices
from cpi.clouds.aws.prices.hourly_prices import AwsPricing
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import NotSupportedError
from cpi.contract.values import QUOTA_LEFT, LandingResource, PreflightRequest, Price
from tests.unit.cpi.clouds.aws import requests


def _prices(request: PreflightRequest, **settings: str) -> tuple[Price, ...]:
    config = requests.config(**settings)
    return AwsPricing(Api(config), config).price(request)


def test_a_plan_costs_what_its_parts_cost_together() -> None:
    request = PreflightRequest(
        vms=(requests.vm(), requests.vm(), requests.vm(instance_type="m6i.xlarge"), requests.vm(spot_bid_price=0.1)),
        disks=(requests.disk(10240), requests.disk(1)),
        landing=(LandingResource(kind="public_address", name="jumpbox"),),
    )
    found = {price.what: (price.quantity, price.amount) for price in _prices(request)}
    assert found == {
        "m6i.xlarge instance": (1, "0.192"),
        "t3.micro instance": (2, "0.0208"),
        "t3.micro spot instance": (1, ""),
        "GiB of gp3 disk": (43, "0.00471"),  # 11 of the disks, 8 of each root volume
        "public address": (1, "0.005"),
    }


def test_where_the_list_says_nothing_the_price_is_empty_and_not_guessed() -> None:
    prices = _prices(PreflightRequest(vms=(requests.vm(),)), region="eu-central-1")
    assert {(price.amount, price.as_of) for price in prices} == {("", "2025-06-01")}


def test_the_cheapest_size_has_at_least_so_much() -> None:
    assert hourly_prices.cheapest(1, 256, architecture="x86_64") == "t3a.nano"
    assert hourly_prices.cheapest(4, 8192, architecture="arm64") == "t4g.xlarge"
    with pytest.raises(NotSupportedError):
        hourly_prices.cheapest(1000, 1, architecture="x86_64")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("t3.micro", "L-1216C47A"),
        ("m6i.large", "L-1216C47A"),
        ("im4gn.large", "L-1216C47A"),
        ("g5.xlarge", "L-DB2E81BA"),
        ("vt1.3xlarge", "L-DB2E81BA"),
        ("inf2.xlarge", "L-1945791B"),
        ("p4d.24xlarge", "L-417A185B"),
        ("x2idn.large", "L-7295265B"),
        ("hpc7g.4xlarge", "L-F7808C92"),
        ("u-6tb1.metal", "L-43DA4232"),
    ],
)
def test_the_limit_follows_from_the_family(kind: str, code: str) -> None:
    assert quotas.vcpu_code(kind, is_spot=False) == code


def test_a_limit_that_is_too_low_is_told_with_its_numbers_and_what_to_ask_for() -> None:
    load = quotas.QuotaUse(code="L-1216C47A", unit="vCPUs", used=30, asked=4)
    (fits,) = quotas.judge(load, 34, "us-east-1")
    assert fits is not None
    assert (fits.code, fits.is_fatal) == (QUOTA_LEFT, False)
    (finding,) = quotas.judge(load, 32, "us-east-1")
    assert finding is not None and finding.quota is not None
    assert (finding.quota.used, finding.quota.limit, finding.quota.needed) == (30, 32, 34)
    assert "--desired-value 34 --region us-east-1" in finding.fix


def _entry(amount: str, **changes: object) -> str:
    rate = {"unit": "Hrs", "pricePerUnit": {"USD": amount}, **changes}
    terms = {"OnDemand": {"offer": {"priceDimensions": {"rate": rate}}}}
    return json.dumps({"product": {"attributes": {"instanceType": "t3.micro"}}, "terms": terms})


@pytest.mark.parametrize(
    "line",
    [
        "words",
        "[]",
        "{}",
        _entry("NaN"),
        _entry("0.0"),
        _entry("-1"),
        _entry("9999"),
        _entry("free"),
        _entry("1", unit="Quantity"),
    ],
)
def test_what_is_no_price_of_an_hour_is_passed_over(line: str) -> None:
    assert hourly_prices.read_entry(line, hourly_prices.INSTANCE) is None


def test_a_price_of_an_hour_is_taken() -> None:
    assert hourly_prices.read_entry(_entry("0.0104000000"), hourly_prices.INSTANCE) == ("t3.micro", "0.0104000000")
    assert hourly_prices.read_entry(_entry("0.0104000000"), hourly_prices.VOLUME) is None
