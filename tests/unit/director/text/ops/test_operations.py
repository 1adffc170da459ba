import dataclasses
import json

import pytest

from director.errors import InputError
from director.model.spans import Span
from director.model.written.ops_file import Operation
from tests.unit.director.text import texts


def test_an_empty_file_has_no_operations() -> None:
    assert texts.ops("# nothing\n") == ()


def test_operations_know_their_file_place_and_number() -> None:
    text = "- {type: remove, path: /a, note: ignored}\n- type: test\n  path: /b\n  absent: true\n"
    assert texts.ops(text) == (
        Operation(
            type="remove",
            path="/a",
            label="operation [0] in o.yml",
            span=Span(file="o.yml", line=1, column=3),
            unused=("note",),
        ),
        Operation(
            type="test",
            path="/b",
            label="operation [1] in o.yml",
            span=Span(file="o.yml", line=2, column=3),
            absent=True,
        ),
    )


def test_a_file_that_is_no_list_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        texts.ops("a: 1")
    assert texts.reported(caught.value) == [
        ("ops-file-shape", "Deserializing ops file 'o.yml': it is not a list", "o.yml:1:1")
    ]


def test_every_mistake_of_a_file_is_told_at_once_and_no_value_is_shown() -> None:
    text = """\
- {type: add, path: /a, value: hidden}
- {type: replace, value: hidden}
- {type: replace, path: /a, value: ~}
- {type: remove, path: /a, value: hidden}
- {type: replace, path: a, value: hidden}
- {type: test, path: /a}
- ~
"""
    with pytest.raises(InputError) as caught:
        texts.ops(text)
    reported = texts.reported(caught.value)
    assert [(code, what.split(" within")[0], where) for code, what, where in reported] == [
        ("ops-invalid", "Building ops: Unknown operation [0] with type 'add'", "o.yml:1:3"),
        ("ops-invalid", "Building ops: Replace operation [1]: Missing path", "o.yml:2:3"),
        ("ops-invalid", "Building ops: Replace operation [2]: Missing value", "o.yml:3:3"),
        ("ops-invalid", "Building ops: Remove operation [3]: Cannot specify value", "o.yml:4:3"),
        ("ops-invalid", "Building ops: Replace operation [4]: Invalid path: Expected to start with '/'", "o.yml:5:3"),
        ("ops-invalid", "Building ops: Test operation [5]: Missing value or absent", "o.yml:6:3"),
        ("ops-invalid", "Building ops: Unknown operation [6] with type ''", "o.yml:7:3"),
    ]
    assert not any("hidden" in what for _, what, _ in reported)


ROWS: dict[str, dict[str, str]] = {
    "type": dict.fromkeys(("replace", "remove", "test"), "read"),
    "path": dict.fromkeys(("replace", "remove", "test"), "read"),
    "value": {"replace": "read", "remove": "ops-invalid", "test": "read"},
    "absent": {"replace": "remark", "remove": "remark", "test": "read"},
    "error": dict.fromkeys(("replace", "remove", "test"), "remark"),
}
"""Every key of an operation of go-patch, and what becomes of it."""


@pytest.mark.parametrize(("key", "kind"), [(key, kind) for key, row in ROWS.items() for kind in row])
def test_no_key_of_an_operation_is_silent(key: str, kind: str) -> None:
    whole = {"type": kind, "path": "/a", **({} if kind == "remove" else {"value": 1}), **_value_of(key)}
    text = json.dumps([whole])
    match ROWS[key][kind]:
        case "read":
            (operation,) = texts.ops(text)
            assert (operation.unused, getattr(operation, key)) == ((), whole[key])
        case "remark":
            assert texts.ops(text)[0].unused == (key,)
        case code:
            with pytest.raises(InputError) as caught:
                texts.ops(text)
            assert caught.value.code == code


def test_every_field_of_an_operation_has_a_row() -> None:
    ours = {"label", "span", "unused"}
    assert {each.name for each in dataclasses.fields(Operation)} - ours <= ROWS.keys()


def test_what_is_expected_where_nothing_may_be_is_not_read() -> None:
    assert texts.ops("- {type: test, path: /a, absent: true, value: 1}")[0].unused == ("value",)


@pytest.mark.parametrize("kind", ["replace", "remove", "test"])
def test_absent_is_true_or_false(kind: str) -> None:
    value = "" if kind == "remove" else ", value: 1"
    with pytest.raises(InputError) as caught:
        texts.ops(f"- {{type: {kind}, path: /a, absent: 'yes'{value}}}")
    assert (caught.value.code, "neither true nor false" in caught.value.what) == ("ops-invalid", True)


def _value_of(key: str) -> dict[str, object]:
    values: dict[str, dict[str, object]] = {"value": {"value": 1}, "absent": {"absent": False}, "error": {"error": "x"}}
    return values.get(key, {})
