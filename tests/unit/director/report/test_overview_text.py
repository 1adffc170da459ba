"""A plan's size and price on one screen."""

from dataclasses import replace

from cpi.contract.values import Price, QuotaNeed
from director.model.costs import Duration, Overview, PricedGroup
from director.model.report import Bill
from director.report import overview_text


def _price(amount: str, *, cores: int | None = 0) -> Price:
    return Price(what="thing", quantity=1, amount=amount, currency="USD", as_of="2026-01-01", cores=cores)


def _bill(*prices: Price) -> Bill:
    return Bill(prices={"only": prices})


_WEB = PricedGroup(name="web", vms=2, cores=4, disks=2, disk_mib=20480, bill=_bill(_price("0.2", cores=4)))
_LANDING = PricedGroup(name="landing zone", addresses=1, bill=_bill(_price("0.005")))
_COMPILING = PricedGroup(name="while it compiles", vms=4, cores=None, bill=_bill(_price("0.4", cores=None)))
_OVERVIEW = Overview(groups=(_WEB, _LANDING), bill=_bill(_price("0.2"), _price("0.005")), compiling=_COMPILING)


def test_each_group_has_a_line_and_compile_vms_are_apart() -> None:
    assert overview_text.overview_lines(_OVERVIEW) == (
        "  Afterwards         VMs  Cores       Disks  Addresses     An hour     30 days",
        "  web                  2      4  2 (20 GiB)          0  0.2000 USD  144.00 USD",
        "  landing zone         0      0           0          1  0.0050 USD    3.60 USD",
        "  in all               2      4  2 (20 GiB)          1  0.2050 USD  147.60 USD",
        "  while it compiles    4      ?           0          0  0.4000 USD  288.00 USD",
    )


def test_it_stays_on_one_screen_of_eighty_columns_however_many_groups_there_are() -> None:
    groups = tuple(replace(_WEB, name=f"a-group-with-a-rather-long-name-{number}") for number in range(60))
    lines = overview_text.overview_lines(replace(_OVERVIEW, groups=groups))
    assert len(lines) <= 16
    assert max(map(len, lines)) <= 80
    assert any("49 more groups" in line and "98" in line for line in lines)


def test_what_has_no_known_price_marks_the_sum_and_columns_without_content_are_left_out() -> None:
    dear = replace(_WEB, disks=0, disk_mib=0, bill=_bill(_price("0.2"), _price("")))
    assert overview_text.overview_lines(Overview(groups=(dear,))) == (
        "  Afterwards  VMs  Cores       An hour       30 days",
        "  web           2      4  0.2000 USD+?  144.00 USD+?",
    )


def test_a_duration_is_what_was_measured_or_unknown() -> None:
    duration = Duration(measured_s=3700.0)
    assert overview_text.overview_lines(replace(_OVERVIEW, duration=duration))[-1] == (
        "Takes about 1 h 1 min, as former runs did."
    )
    unknown = Duration(measured_s=0.0, unmeasured=("create vm", "compile ruby", "compile go", "start"))
    assert overview_text.overview_lines(replace(_OVERVIEW, duration=unknown))[-2:] == (
        "Duration: unknown; not measured here before: create vm, compile ruby, compile go",
        "    and 1 more.",
    )
    partly = Duration(measured_s=4.0, unmeasured=("compile go",))
    assert overview_text.overview_lines(replace(_OVERVIEW, duration=partly))[-1] == (
        "Duration: more than 4 s; not measured here before: compile go."
    )
    assert max(map(len, overview_text.overview_lines(replace(_OVERVIEW, duration=unknown)))) <= 80


def test_what_is_left_of_quotas_is_said_by_cloud_and_where_no_limit_is_known() -> None:
    cpus = QuotaNeed(
        name="L-1",
        region="r",
        unit="vCPUs",
        used=2,
        limit=32,
        needed=10,
        label="running on-demand standard instances",
    )
    addresses = replace(cpus, name="L-2", unit="addresses", limit=5, needed=3, label="Elastic IPs")
    family = replace(cpus, name="standardBSFamily", unit="Count", label="'standardBSFamily' in westeurope")
    quotas = {"far": (cpus, addresses), "near": (), "west": (family,)}
    shown = replace(_OVERVIEW, quotas=quotas)
    assert overview_text.overview_lines(shown)[5:] == (
        "Quota left of far: 2 of 5 addresses (Elastic IPs); 22 of 32 vCPUs (running on-",
        "    demand standard instances).",
        "Quota left of near: no limit known.",
        "Quota left of west: 22 of 32 standardBSFamily.",
    )
    assert overview_text.overview_lines(replace(_OVERVIEW, quotas={"only": ()}))[5:] == ("Quota left: no limit known.",)
    listed = overview_text.overview_json(shown)["quotas"]
    assert listed == {
        "far": [
            {"name": "L-1", "region": "r", "unit": "vCPUs", "limit": 32, "used": 2, "left": 22},
            {"name": "L-2", "region": "r", "unit": "addresses", "limit": 5, "used": 2, "left": 2},
        ],
        "near": [],
        "west": [{"name": "standardBSFamily", "region": "r", "unit": "Count", "limit": 32, "used": 2, "left": 22}],
    }
