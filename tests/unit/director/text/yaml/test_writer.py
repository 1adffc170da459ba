import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.model.documents import Source
from director.model.secret_ref import Property, SecretRef, SecretText
from director.text.ops import patch
from director.text.yaml import reader, scalars, writer
from tests.support.examples import share
from tests.unit.director.text import texts

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\ufffe\uffff")
words = st.one_of(
    st.text(characters, max_size=20),
    st.text(st.sampled_from(" \n\t-:#'\"a1,?[]{}&*!|>%@`~.\u2028\u0085"), max_size=12),
    st.text(st.sampled_from("word "), max_size=200),
    st.sampled_from(["yes", "~", "", "012", "1e3", "12:30", "2001-01-01", "<<", "=", "---", "... x", "- a", "? b"]),
)
floats = st.floats(allow_nan=False).filter(lambda value: str(value) != "-0.0")  # "-0" is read as the integer 0
numbers = st.one_of(st.integers(-(2**63), 2**64 - 1), floats)
leaves = st.one_of(st.none(), st.booleans(), numbers, words)
keys = st.one_of(words.filter(lambda word: word != "<<"), st.integers(-5, 5))
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=25
)


@share(1.5)
@given(trees)
def test_what_is_written_is_read_back_the_same(tree: object) -> None:
    text = writer.write_yaml(tree)  # type: ignore[arg-type]
    for loader in (reader.QuickLoader, reader.PythonLoader):
        again = reader.read_with(loader, Source(name="m.yml", content=text.encode()))
        assert patch.is_same(again.tree, _as_read(tree)), text


@given(trees)
def test_writing_again_what_was_read_changes_nothing(tree: object) -> None:
    text = writer.write_yaml(tree)  # type: ignore[arg-type]
    assert writer.write_yaml(texts.tree(text)) == text


def _as_read(tree: object) -> object:
    """A float that is whole is printed like an integer, and an integer it is from then on, as in the reference tool."""
    if isinstance(tree, dict):
        return {key: _as_read(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_as_read(item) for item in tree]
    if isinstance(tree, float) and math.isfinite(tree):
        return scalars.resolve_scalar(writer.write_yaml(tree).strip())
    return tree


def test_long_lines_are_folded_after_column_80() -> None:
    long = "word " * 20 + "end"
    assert writer.write_yaml({"k": long, "q": f"'{long}"}) == (
        "k: word word word word word word word word word word word word word word word word\n"
        "  word word word word end\n"
        "q: '''word word word word word word word word word word word word word word word word\n"
        "  word word word word end'\n"
    )


def test_long_double_quoted_lines_keep_their_spaces() -> None:
    text = "x\t" + "y" * 80 + "  z"
    assert writer.write_yaml({"k": text}) == f'k: "x\\t{"y" * 80}\n  \\ z"\n'


def test_keys_that_are_long_or_have_lines_are_written_out() -> None:
    assert writer.write_yaml({"k" * 129: {"a": [1]}, "x\ny": [{"b": 1}]}) == (
        f"? {'k' * 129}\n: a:\n  - 1\n? |-\n  x\n  y\n: - b: 1\n"
    )


def test_lists_in_lists_stand_on_one_line_with_their_first_item() -> None:
    assert writer.write_yaml({"a": [[1, [2]], [], {"b": {"c": []}}]}) == ("a:\n- - 1\n  - - 2\n- []\n- b:\n    c: []\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1000000.0, "1e+06"), (123456.0, "123456"), (0.0001, "0.0001"), (0.00001, "1e-05"), (-1.25, "-1.25"),
        (0.0, "0"), (-0.0, "-0"), (1e300, "1e+300"), (math.inf, ".inf"), (-math.inf, "-.inf"), (math.nan, ".nan"),
        (0.1 + 0.2, "0.30000000000000004"), (2**64 - 1, "18446744073709551615"), (None, "null"), (True, "true"),
    ],
)  # fmt: skip
def test_numbers_are_printed_as_go_prints_them(value: float | bool | None, text: str) -> None:
    assert writer.write_yaml(value) == f"{text}\n"


def test_text_of_lines_keeps_its_beginning_and_end() -> None:
    values = ["a\n", "a", "a\nb", "a\n\n", "\n", " a\nb\n"]
    assert [writer.write_yaml(value) for value in values] == [
        "|\n  a\n", "a\n", "|-\n  a\n  b\n", "|+\n  a\n\n", "|2+\n\n", "|2\n   a\n  b\n",
    ]  # fmt: skip


def test_keys_are_ordered_by_their_numbers() -> None:
    names: list[object] = ["b10", "b9", "b09", "B", "_", "a-b", "a.b", "ab", 10, 9, True, None, "1", "é"]
    tree = dict.fromkeys(names, 0)
    assert list(_keys_of(writer.write_yaml(tree))) == [  # type: ignore[arg-type]
        "true", "9", "10", "null", "_", '"1"', "B", "a-b", "a.b", "ab", "b9", "b09", "b10", "é",
    ]  # fmt: skip


def _keys_of(text: str) -> list[str]:
    return [line.removesuffix(": 0") for line in text.splitlines()]


def test_secrets_are_written_by_name() -> None:
    reference = SecretRef(name="cert", path=("ca",))
    tree: Property = {"a": reference, "b": SecretText(parts=("x: ", reference))}
    assert writer.write_yaml(tree) == "a: ((cert.ca))\nb: 'x: ((cert.ca))'\n"
