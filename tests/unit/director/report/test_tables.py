"""Tables for people."""

from director.model.report import Table
from director.report import as_json, tables

_TABLE = Table(
    name="instances",
    columns=("instance", "vm_cid", "ips"),
    rows=(
        {"instance": "web/0", "vm_cid": "vm-1", "ips": ["10.0.0.2", "203.0.113.1"], "id": "hidden"},
        {"instance": "a-long-name/12", "vm_cid": None, "ips": []},
    ),
)


def test_columns_are_aligned_and_what_is_missing_is_a_dash() -> None:
    assert tables.table_lines(_TABLE) == (
        "Instance        Vm cid  Ips",
        "web/0           vm-1    10.0.0.2, 203.0.113.1",
        "a-long-name/12  -       -",
        "",
        "2 instances",
    )


def test_an_empty_table_says_so_in_its_own_words() -> None:
    assert tables.table_lines(Table(name="x", columns=("a",), rows=(), empty="No x yet.")) == ("No x yet.",)


def test_json_keeps_every_value_and_says_its_schema() -> None:
    assert as_json.table_json(_TABLE) == {"schema": "compleat.instances/1", "instances": [dict(r) for r in _TABLE.rows]}


def test_rows_about_the_same_thing_are_counted_once() -> None:
    rows = ({"a": "web/0"}, {"a": "web/0"}, {"a": "db/0"})
    assert tables.table_lines(Table(name="instances", columns=("a",), rows=rows, count=2))[-1] == "2 instances"
