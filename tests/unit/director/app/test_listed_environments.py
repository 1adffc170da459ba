"""`environments`: where each is, what runs there, and what 30 days of that cost."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from cpi.contract.values import Price
from director.app.checks import overviews
from director.app.sessions.records import History
from director.app.use_cases import environments
from director.model.ids import EnvironmentName
from director.model.report import Bill, Table
from director.ports.events import EventLog
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

_HOUR = Price(what="large VM", quantity=2, amount="0.05", currency="USD", as_of="2025-06-01")
_OTHER = replace(_HOUR, what="disk", amount="0.01", currency="EUR")
_UNKNOWN = replace(_HOUR, what="odd VM", amount="")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A jumpbox and two web servers."""
    made = Lab(Simulation(), tmp_path)
    made.deploy()
    return made


def test_an_environment_costs_what_its_vms_and_landing_zone_cost(lab: Lab) -> None:
    bill = overviews.recorded_bill(lab.session())
    table = _listed(lab, bill)
    (row,) = table.rows
    assert table.columns[-1] == "per_month"
    assert (row["cloud"], row["vms"], row["unpriced"]) == ("memory", 3, [])
    assert row["per_month"] == "21.60 USD"
    assert sum(price.quantity for prices in bill.prices.values() for price in prices) >= 3


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        ((_HOUR,), "36.00 USD"),
        ((_HOUR, _UNKNOWN), "at least 36.00 USD"),
        ((_HOUR, _OTHER), "36.00 USD + 7.20 EUR"),
        ((_UNKNOWN,), ""),
        ((), ""),
    ],
)
def test_what_has_no_known_price_is_said_and_currencies_are_not_added_up(
    lab: Lab, prices: tuple[Price, ...], words: str
) -> None:
    table = _listed(lab, Bill(prices={"memory": prices}))
    assert table.rows[0]["per_month"] == words
    assert ("per_month" in table.columns) == bool(words)
    assert table.rows[0]["unpriced"] == (["odd VM"] if _UNKNOWN in prices else [])


def _listed(lab: Lab, bill: Bill) -> Table:
    session = lab.session()
    world = session.world
    history = History(
        settings=session.settings,
        store=world.store,
        journal=world.journal,
        tasks=world.tasks,
        events=cast(EventLog, None),
    )
    asked: list[EnvironmentName] = []

    def bill_of(name: EnvironmentName) -> Bill:
        asked.append(name)
        return bill

    table = environments.list_environments(history, bill_of)
    assert asked == [session.settings.environment]
    return table
