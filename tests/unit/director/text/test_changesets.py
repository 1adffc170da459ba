"""What differs between two documents, line by line as BOSH shows it."""

import pytest

from director.model.documents import Source
from director.model.secret_ref import Property
from director.text import changesets
from director.text.yaml import reader


def _tree(text: str) -> Property:
    return reader.read_document(Source(name="c.yml", content=text.encode())).tree


def _diff(before: str, after: str) -> list[str]:
    return [str(line) for line in changesets.diff_trees(_tree(before), _tree(after))]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a: 1\n", "a: 1\n", []),
        ("a: [1, 2]\n", "a: [2, 1]\n", []),
        ("", "a: {b: 1}\n", ["+ a:", "+   b: 1"]),
        ("a: 1\n", "", ["- a: 1"]),
        ("a: 1\n", "a: 2\n", ["- a: 1", "+ a: 2"]),
        ("a: {b: 1, c: 1}\n", "a: {b: 2, c: 1}\n", ["  a:", "-   b: 1", "+   b: 2"]),
        ("a: [1, 2]\n", "a: [2, 3]\n", ["  a:", "+ - 3", "- - 1"]),
        ("a: {b: 1}\n", "a: [b]\n", ["- a:", "-   b: 1", "+ a:", "+ - b"]),
    ],
)
def test_what_came_and_went_is_shown_below_its_key(before: str, after: str, lines: list[str]) -> None:
    assert _diff(before, after) == lines


@pytest.mark.parametrize("key", ["name", "range"])
def test_entries_of_the_same_name_or_range_are_compared_with_each_other(key: str) -> None:
    before, after = f"nets: [{{{key}: x, size: 1}}]\n", f"nets: [{{{key}: x, size: 2}}]\n"
    assert _diff(before, after) == ["  nets:", f"  - {key}: x", "-   size: 1", "+   size: 2"]


def test_entries_without_names_are_shown_whole() -> None:
    lines = _diff("nets: [{a: 1}]\n", "nets: [{a: 2}, {name: x}]\n")
    assert lines == [
        "  nets:",
        "+ - a: 2",
        "+ - name: x",
        "- - a: 1",
    ]


def test_sections_are_in_the_order_of_bosh_with_an_empty_line_between_them() -> None:
    assert _diff("", "networks: [1]\nzebra: 1\nazs: [1]\n") == [
        "+ azs:",
        "+ - 1",
        "",
        "+ networks:",
        "+ - 1",
        "",
        "+ zebra: 1",
    ]


def test_secrets_are_shown_by_name_and_other_values_of_properties_not_at_all() -> None:
    before = "cpis: [{name: a, properties: {key: old-secret, id: ((id)), list: [x]}}]\n"
    after = "cpis: [{name: a, properties: {key: new-secret, id: ((other)), list: [x]}}]\n"
    assert _diff(before, after) == [
        "  cpis:",
        "  - name: a",
        "    properties:",
        "-     key: <redacted>",
        "+     key: <redacted>",
        "-     id: ((id))",
        "+     id: ((other))",
    ]


def test_a_value_with_more_than_a_name_in_it_is_not_shown() -> None:
    assert _diff("", "properties: {a: '((user)):hunter2))', b: ((a))((b))}\n") == [
        "+ properties:",
        "+   a: <redacted>",
        "+   b: <redacted>",
    ]


def test_documents_that_are_no_maps_are_shown_whole() -> None:
    assert _diff("- 1\n", "- 2\n") == ["- - 1", "+ - 2"]
