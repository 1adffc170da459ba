"""The columns that --column names."""

import pytest

from director.cli.terminal import columns
from director.errors import InputError
from director.model.report import Table
from director.report import tables

_TABLE = Table(
    name="instances",
    columns=("instance", "vm_cid", "ips"),
    rows=({"instance": "web/0", "vm_cid": "vm-1", "ips": ["10.0.0.2", "203.0.113.1"]},),
)


def test_named_columns_are_shown_alone_and_in_that_order() -> None:
    shown = columns.with_columns(_TABLE, ["Ips", "vm cid"])
    assert tables.table_lines(shown)[0].split("  ") == ["IPs", "", "", "", "", "", "", "", "", "", "VM CID"]
    assert columns.with_columns(_TABLE, []) is _TABLE


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as raised:
        columns.with_columns(_TABLE, ["vm_id"])
    assert (raised.value.code, raised.value.fix) == ("column-unknown", "Did you mean 'vm_cid'?")
