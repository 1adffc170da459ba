"""The walker of keys finds every key, and every wrong entry about one."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from tests.support import key_walk
from tests.support.key_walk import ABSENT, Acts, Says, ShownBy


class Leaf(BaseModel):
    size: int = 0
    from_: str = Field(default="", alias="from")


class Tree(BaseModel):
    name: str
    leaf: Leaf | None = None
    leaves: Annotated[tuple[Leaf, ...], Field(min_length=1)]
    by_name: Mapping[str, Leaf | str] = Field(default_factory=dict)
    free: Mapping[str, object] = Field(default_factory=dict)


def outcome(document: Any) -> object:
    return document.get("name")


def codes(document: Any) -> object:
    return {"wrong-free"} if document.get("free") else set()


def test_keys_are_found_in_members_of_lists_and_maps_and_under_their_written_names() -> None:
    assert key_walk.keys_of(Tree) == (
        "name",
        "leaf",
        "leaf.size",
        "leaf.from",
        "leaves",
        "leaves[].size",
        "leaves[].from",
        "by_name",
        "by_name{}.size",
        "by_name{}.from",
        "free",
    )


def test_a_key_that_is_refused_whole_speaks_for_its_own_keys() -> None:
    shown = {key: Acts("a", "b") for key in key_walk.keys_of(Tree) if not key.startswith("leaf.")}
    assert key_walk.silent_keys(Tree, shown) == [
        f"leaf.{key}: nothing says what becomes of it" for key in ("size", "from")
    ]
    assert key_walk.silent_keys(Tree, {**shown, "leaf": Says({}, "no-leaf")}) == []


def test_a_key_nobody_speaks_of_and_a_saying_about_none_are_silent_keys() -> None:
    shown = {key: Acts("a", "b") for key in key_walk.keys_of(Tree) if key != "free"}
    assert key_walk.silent_keys(Tree, shown) == ["free: nothing says what becomes of it"]
    assert key_walk.silent_keys(Tree, {**shown, "free": Acts(1, 2), "fre": Acts(1, 2)}) == [
        "fre: the model has no such key"
    ]


@pytest.mark.parametrize(
    ("path", "saying", "wrong"),
    [
        ("name", Acts("a", "b"), ""),
        ("name", Acts(ABSENT, "b"), ""),
        ("free", Acts({}, {"a": 1}), "free: {} and {'a': 1} come to the same"),
        ("free", Says({"a": 1}, "wrong-free"), ""),
        ("name", Says("a", "wrong-free"), "name: 'a' is told [], not wrong-free"),
        ("name", Says("a", "wrong-free", {"free": {"a": 1}}), "name: wrong-free is told without it, too"),
        ("name", ShownBy("tests/unit/nowhere.py::test_it"), "name: there is no test tests/unit/nowhere.py::test_it"),
        (
            "name",
            ShownBy(f"tests/unit/director/model/test_key_walk.py::{'test_a_value_is_put_where_the_path_leads'}"),
            "",
        ),
    ],
)
def test_a_saying_is_proved_by_documents_that_differ_in_one_key(path: str, saying: Any, wrong: str) -> None:
    base = {"name": "x"}
    assert key_walk.wrong_with(path, saying, base, outcome=outcome, codes_of=codes) == wrong


def test_a_value_is_put_where_the_path_leads() -> None:
    assert key_walk.put({}, "leaves[].size", 3) == {"leaves": [{"size": 3}]}
    assert key_walk.put({"leaves": [{"a": 1}, {"b": 2}]}, "leaves[].size", 3) == {
        "leaves": [{"a": 1, "size": 3}, {"b": 2}]
    }
    assert key_walk.put({"by_name": {"x": {"size": 1}}}, "by_name{}.size", ABSENT) == {"by_name": {"x": {}}}
    assert key_walk.put({}, "by_name{}.size", 1) == {"by_name": {"key": {"size": 1}}}
