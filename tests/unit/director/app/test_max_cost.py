"""`--max-cost`: what costs more an hour is refused before anything is created."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cpi.contract.values import Price
from director.app.checks import pricing
from director.app.use_cases import deploy as deploying
from director.app.use_cases import plan as planning
from director.app.use_cases.deploy import DeployRequest
from director.errors import InputError
from director.model.cloud_names import ONLY_CLOUD
from director.model.report import Bill
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

_DEAR = Price(what="VM of type large", quantity=2, amount="0.5", currency="USD", as_of="2026-01-01")
_CHEAP = Price(what="GiB of disk", quantity=10, amount="0.0010", currency="USD", as_of="2026-01-01")
_UNKNOWN = replace(_CHEAP, what="NAT gateway", amount="")


def _plan(lab: Lab, request: DeployRequest) -> None:
    planning.plan_deployment(lab.session(), request)


def _deploy(lab: Lab, request: DeployRequest) -> None:
    deploying.deploy(lab.session(), request, lambda _: None)


@pytest.mark.parametrize("command", [_plan, _deploy])
def test_a_deployment_above_the_limit_is_refused_and_at_the_limit_it_is_not(
    tmp_path: Path, command: Callable[[Lab, DeployRequest], None]
) -> None:
    lab = Lab(Simulation(), tmp_path)
    request = lab.request(instances=2)
    bill = planning.plan_deployment(lab.session(), request).overview.bill
    hourly = sum((Decimal(price.amount) for price in bill.prices[ONLY_CLOUD]), Decimal(0))
    assert hourly > 0
    before = lab.simulation.cloud.inventory()
    with pytest.raises(InputError) as raised:
        command(lab, replace(request, max_cost=hourly - Decimal("0.0001")))
    assert (raised.value.code, lab.simulation.cloud.inventory()) == ("cost-above-limit", before)
    command(lab, replace(request, max_cost=hourly))


def test_the_most_expensive_things_are_named_with_their_prices() -> None:
    with pytest.raises(InputError) as raised:
        pricing.require_affordable(Bill(prices={"east": (_CHEAP, _DEAR)}), Decimal("0.5"))
    assert raised.value.what == "It costs 0.5010 USD an hour, more than --max-cost 0.5."
    assert raised.value.why == "The most expensive: VM of type large (0.5000 USD), GiB of disk (0.0010 USD)."


@pytest.mark.parametrize(
    ("prices", "why"),
    [
        ({"east": (_CHEAP, _UNKNOWN)}, "These have no known price: NAT gateway."),
        (
            {"east": (_CHEAP,), "west": (replace(_CHEAP, currency="EUR"),)},
            "The prices have several currencies: EUR, USD.",
        ),
    ],
)
def test_a_sum_that_is_not_known_is_not_below_the_limit(prices: dict[str, tuple[Price, ...]], why: str) -> None:
    with pytest.raises(InputError) as raised:
        pricing.require_affordable(Bill(prices=prices), Decimal(100))
    assert (raised.value.code, raised.value.why) == ("cost-unknown", why)


def test_a_cloud_without_prices_costs_nothing() -> None:
    pricing.require_affordable(Bill(), Decimal(0))
