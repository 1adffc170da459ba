"""Tables for people."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cpi.contract.values import JsonValue
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
        "Instance        VM CID  IPs",
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


_EVENTS = Table(
    name="events",
    columns=("time", "user", "action", "subject", "error"),
    rows=(
        {"time": "2026-11-30 10:49:27", "user": "ada@vm", "action": "create vm", "subject": "web/0"},
        {
            "time": "2026-11-30 10:50:01",
            "user": "ada@vm",
            "action": "mount disk",
            "subject": "disk-47b600dd34e507211234567890",
            "error": "The cloud has no disk of this name.",
        },
    ),
    less_important=("user",),
)


def test_a_table_that_is_too_wide_wraps_the_cells_of_its_widest_columns() -> None:
    assert tables.table_lines(_EVENTS, width=80) == (
        "Time                 User    Action      Subject                  Error",
        "2026-11-30 10:49:27  ada@vm  create vm   web/0                    -",
        "2026-11-30 10:50:01  ada@vm  mount disk  disk-47b600dd34e5072112  The cloud has",
        "                                         34567890                 no disk of",
        "                                                                  this name.",
        "",
        "2 events",
    )


def test_a_sentence_is_wrapped_before_a_kind_of_action_is_cut() -> None:
    row: dict[str, JsonValue] = {
        "subject": "security_group x",
        "action": "create_landing_resource",
        "state": "done",
        "took_s": 0.07,
    }
    columns = ("subject", "action", "state", "took_s", "reason", "error")
    table = Table(name="actions", columns=columns, rows=({**row, "reason": "packages to compile", "error": None},))
    assert tables.table_lines(table, width=80)[1:3] == (
        "security_group x  create_landing_resource  done   0.07    packages to      -",
        "                                                          compile",
    )


def test_a_table_with_room_is_the_one_of_a_file() -> None:
    assert tables.table_lines(_EVENTS, width=500) == tables.table_lines(_EVENTS)


def test_less_important_columns_leave_first_and_are_named() -> None:
    lines = tables.table_lines(_EVENTS, width=62)
    assert lines[0].split() == ["Time", "Action", "Subject", "Error"]
    assert lines[-1] == "2 events (no room for user; --column NAME shows a column)"
    assert max(map(len, lines[:-1])) <= 62


def test_a_table_of_too_many_columns_is_shown_column_by_column() -> None:
    assert tables.table_lines(_TABLE, width=25) == (
        "Instance  web/0",
        "VM CID    vm-1",
        "IPs       10.0.0.2,",
        "          203.0.113.1",
        "",
        "Instance  a-long-name/12",
        "VM CID    -",
        "IPs       -",
        "",
        "2 instances",
    )


@given(
    st.lists(st.lists(st.text(st.sampled_from("ab -/é"), max_size=40), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(24, 120),
)
def test_no_line_is_wider_than_the_terminal_and_no_letter_is_lost(rows: list[list[str]], width: int) -> None:
    table = Table(name="x", columns=("a", "b", "c"), rows=tuple(dict(zip("abc", row, strict=True)) for row in rows))
    lines = tables.table_lines(table, width=width)
    assert max(map(len, lines)) <= width
    assert Counter("".join(lines).replace(" ", "")) >= Counter("".join(map("".join, rows)).replace(" ", ""))
