"""What an environment has cost by its journal, and what `down` shows before it deletes."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from cpi.contract.values import PreflightRequest, Price
from director.app.use_cases import down, spent
from director.app.use_cases.down import DownRequest
from director.model.costs import DeletionList, Lifetime
from director.observe import resource_lifetimes
from director.report import deletion_text, spending
from tests.support.callers import calling
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab
from tests.support.wants import ENVIRONMENT

_NOTHING = PreflightRequest()
_HOUR_S = 3600.0
_SMALL = Decimal("0.0100")
"""What an hour of a small VM costs on the memory cloud."""


def test_what_was_created_and_deleted_counts_for_the_hours_that_it_was_there(tmp_path: Path) -> None:
    simulation = Simulation()
    lab = Lab(simulation, tmp_path)
    lab.deploy(instances=2)
    simulation.time.at += 2 * _HOUR_S
    lab.deploy(instances=1)
    simulation.time.at += 1 * _HOUR_S
    table = spent.list_spending(lab.session())
    app, jumpbox = (next(row for row in table.rows if row["deployment"] == name) for name in ("app", "jumpbox"))
    assert (app["vms"], app["an_hour_now"]) == (1, f"{_SMALL} USD")
    hours = Decimal(str(app["vm_hours"]))
    assert Decimal("5") < hours < Decimal("5.3")  # 2 h with two, 1 h with one, and what deploys take
    assert abs(Decimal(str(app["spent"]).split()[0]) - hours * _SMALL) < Decimal("0.001")
    assert Decimal("3") < Decimal(str(jumpbox["vm_hours"])) < Decimal("3.2")
    total = table.about["spent"]
    assert isinstance(total, dict)
    assert Decimal(str(total["USD"])) >= hours * _SMALL


def test_after_the_end_it_is_known_what_everything_has_cost(tmp_path: Path) -> None:
    simulation = Simulation()
    lab = Lab(simulation, tmp_path)
    lab.deploy(instances=2)
    simulation.time.at += _HOUR_S
    down.take_down(lab.session(), DownRequest(caller=calling("down")), lambda _: None)
    before = spent.list_spending(lab.session())
    simulation.time.at += 100 * _HOUR_S
    after = spent.list_spending(lab.session())
    assert after.rows == before.rows
    assert all(row["vms"] == 0 for row in after.rows)
    assert all(one.deleted_at is not None for one in _lifetimes(lab))


def test_down_shows_each_resource_with_its_age_size_and_price(tmp_path: Path) -> None:
    simulation = Simulation()
    lab = Lab(simulation, tmp_path)
    lab.deploy(instances=2)
    simulation.time.at += 3 * _HOUR_S
    shown: list[DeletionList] = []
    down.take_down(lab.session(), DownRequest(caller=calling("down")), shown.append)
    (listed,) = shown
    vms = [one for one in listed.deletions if one.kind == "vm"]
    assert sorted(one.name.partition(" ")[2] for one in vms) == [
        "(web/0 of app)",
        "(web/0 of jumpbox)",
        "(web/1 of app)",
    ]
    assert all(3 * _HOUR_S <= listed.at - (one.created_at or 0) < 3.2 * _HOUR_S for one in vms)
    lines = deletion_text.deletion_lines(listed)
    assert lines[0] == f"Environment '{ENVIRONMENT}': {len(listed.deletions)} resources will be deleted."
    assert any(
        "web/0 of app" in line and "1 cores" not in line and "3 h" in line and "0.0100 USD" in line for line in lines
    )
    assert lines[-1].startswith("  Together 0.03")


def test_a_disk_that_grew_counts_with_each_size_and_what_has_no_price_is_named() -> None:
    price = Price(what="GiB of disk", quantity=1, amount="0.5", currency="USD", as_of="2026-01-01")
    unknown = replace(price, what="odd disk", amount="")
    lifetime = Lifetime(kind="disk", cloud="only", cid="d", request=_NOTHING, deployment="app", created_at=0.0)
    priced = [
        (replace(lifetime, deleted_at=2 * _HOUR_S), (price,)),
        (replace(lifetime, created_at=2 * _HOUR_S), (replace(price, amount="1.0"),)),
        (lifetime, (unknown,)),
    ]
    table = spending.spending_table(ENVIRONMENT, priced, now=3 * _HOUR_S)
    assert [row["spent"] for row in table.rows] == ["2.0000 USD"]
    assert "Without a known price, so not counted: odd disk." in table.heading


def _lifetimes(lab: Lab) -> tuple[Lifetime, ...]:
    return resource_lifetimes.read_lifetimes(lab.session().world, ENVIRONMENT)
