import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.errors import InputError
from director.model.documents import Source
from director.model.spans import Span
from director.text.ops import patch
from director.text.yaml import reader
from tests.unit.director.text import texts

LOADERS = [reader.QuickLoader, reader.PythonLoader]


@pytest.fixture(params=LOADERS, ids=["quick", "python"])
def loader(request: pytest.FixtureRequest) -> reader.Loader:
    chosen: reader.Loader = request.param
    return chosen


def read(loader: reader.Loader, text: str) -> object:
    return reader.read_with(loader, texts.source(text)).tree


def test_an_empty_file_is_nothing(loader: reader.Loader) -> None:
    assert read(loader, "# only a comment\n") is None


def test_aliases_are_copied_and_not_shared(loader: reader.Loader) -> None:
    document = reader.read_with(loader, texts.source("a: &x {b: 1}\nc: *x\n"))
    changed = patch.apply_operations(document, texts.ops("- {type: replace, path: /a/b, value: 2}"))
    assert changed.tree == {"a": {"b": 2}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", {"a": 1, "b": 1, "c": 2, "d": 2}),
        ("a: &x {b: &x 1, c: *x}\nd: *x\n", {"a": {"b": 1, "c": 1}, "d": 1}),
        ("a: &x {q: 1}\nb: &x {q: 2}\nc: {<<: *x}\n", {"a": {"q": 1}, "b": {"q": 2}, "c": {"q": 2}}),
        ("&x a: 1\n&x b: 2\nc: *x\n", {"a": 1, "b": 2, "c": "b"}),
    ],
)
def test_an_anchor_may_be_defined_again_and_the_later_one_counts(
    loader: reader.Loader, text: str, tree: object
) -> None:
    assert read(loader, text) == tree


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: &x [*x]\nc: *y\n", "yaml-broken"),
        ("a: &x 1\nb: &x [*x]\n", "yaml-too-big"),
        ("a: &x 1\nb: &x " + "[" * 300 + "]" * 300, "yaml-too-big"),
        (
            "k: &x 1\na0: &x [1,1,1,1,1,1,1,1,1]\n"
            + "".join(f"a{level}: &x [{','.join(['*x'] * 9)}]\n" for level in range(1, 12)),
            "yaml-too-big",
        ),
    ],
    ids=["unknown", "circle", "deep", "bomb"],
)
def test_anchors_defined_again_keep_every_bound(loader: reader.Loader, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(loader, text)
    assert caught.value.code == code


def test_merge_keys_count_where_they_stand_and_the_first_of_several_wins(loader: reader.Loader) -> None:
    text = "one: &one {a: 1, b: 1}\ntwo: &two {a: 2, c: 2}\nx: {<<: [*one, *two], b: 3}\nz: {a: 9, <<: *one}\n"
    tree = read(loader, text)
    assert isinstance(tree, dict)
    assert (tree["x"], tree["z"]) == ({"a": 1, "c": 2, "b": 3}, {"a": 1, "b": 1})


def test_explicit_tags_are_followed(loader: reader.Loader) -> None:
    tree = read(loader, "a: !!str 1\nb: !!float 1\nc: !!binary aGk=\nd: !mine 1\ne: !!null ''\nf: '1'\n")
    assert tree == {"a": "1", "b": 1.0, "c": "hi", "d": "1", "e": None, "f": "1"}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("a: [1\nb: 2", "yaml-broken", "m.yml:2:2"),
        ("x: !!int y", "yaml-broken", "m.yml:1:4"),
        ("x: !!binary '*'", "yaml-broken", "m.yml:1:4"),
        ("? [a]\n: 1", "yaml-broken", "m.yml:1:3"),
        ("<<: 1", "yaml-broken", "m.yml:1:5"),
        ("a: *b", "yaml-broken", "m.yml:1:4"),
        ("a: &x [*x]", "yaml-too-big", "m.yml:1:4"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(loader: reader.Loader, text: str, code: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        read(loader, text)
    assert (caught.value.code, caught.value.where) == (code, where)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "tree", "where"),
    [
        ("a: 1\n---\n", {"a": 1}, "m.yml:2:1"),
        ("--- 1\n--- 2\n", 1, "m.yml:2:1"),
        ("---\n---\na: 1\n", None, "m.yml:2:1"),
        ("a: &x 1\nb: &x 2\n---\nc: [\n", {"a": 1, "b": 2}, "m.yml:3:1"),
    ],
)
def test_of_several_documents_the_first_is_read_and_a_remark_names_the_second(
    loader: reader.Loader, text: str, tree: object, where: str
) -> None:
    document = reader.read_with(loader, texts.source(text))
    assert document.tree == tree
    assert [(one.code, one.where) for one in document.remarks] == [("yaml-second-document", where)]


def test_of_equal_keys_the_last_counts_and_a_remark_names_both_places(loader: reader.Loader) -> None:
    document = reader.read_with(loader, texts.source("a: 1\nb: {c: 1}\na: 2\nb: {d: 1}\n"))
    assert document.tree == {"a": 2, "b": {"d": 1}}
    assert [str(document.spans.at(path)) for path in (("a",), ("b", "d"))] == ["m.yml:3:1", "m.yml:4:5"]
    assert [(one.code, one.where) for one in document.remarks] == [
        ("yaml-duplicate-key", "m.yml:1:1"),
        ("yaml-duplicate-key", "m.yml:2:1"),
    ]
    assert document.remarks[0].text == "Key 'a' is written again in the same map (m.yml:3:1): the last one counts."


def test_equal_keys_in_an_anchored_map_are_one_remark_however_often_it_is_used(loader: reader.Loader) -> None:
    document = reader.read_with(loader, texts.source("a: &x {b: 1, b: 2}\nc: *x\nd: {<<: *x, e: 1}\n"))
    assert document.tree == {"a": {"b": 2}, "c": {"b": 2}, "d": {"b": 2, "e": 1}}
    assert len(document.remarks) == 1


def test_a_key_over_a_merged_one_is_not_written_twice(loader: reader.Loader) -> None:
    assert not reader.read_with(loader, texts.source("a: &x {b: 1}\nc: {<<: *x, b: 2}\n")).remarks


def test_aliases_within_aliases_are_bounded(loader: reader.Loader) -> None:
    rows = ["a: &a [1,1,1,1,1,1,1,1,1]"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        rows.append(f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]")
    with pytest.raises(InputError) as caught:
        read(loader, "\n".join(rows))
    assert caught.value.code == "yaml-too-big"


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deep_nesting_is_refused_and_does_not_crash(loader: reader.Loader, depth: int) -> None:
    with pytest.raises(InputError) as caught:
        read(loader, "[" * depth)
    assert caught.value.code in {"yaml-too-big", "yaml-broken"}


def test_a_control_character_is_not_said_to_be_bad_utf_8(loader: reader.Loader) -> None:
    with pytest.raises(InputError) as caught:
        reader.read_with(loader, Source(name="m.yml", content=b"a: x\0"))
    assert (caught.value.code, caught.value.why) == ("yaml-broken", "It is at byte 4.")


def test_bytes_that_are_no_text_are_refused(loader: reader.Loader) -> None:
    with pytest.raises(InputError) as caught:
        reader.read_with(loader, Source(name="m.yml", content=b"a: \xc3\x28"))
    assert caught.value.code == "yaml-broken"


def test_spans_name_keys_and_items_and_fall_back_to_parents() -> None:
    spans = texts.document("a:\n- b: 1\n-   c\n").spans
    found = [spans.at(path) for path in [("a",), ("a", 0, "b"), ("a", 1), ("a", 0, "zz", 3), ()]]
    places = [(1, 1), (2, 3), (3, 5), (2, 3), (1, 1)]
    assert found == [Span(file="m.yml", line=line, column=column) for line, column in places]


def test_spans_list_every_place_once() -> None:
    spans = texts.document("a:\n- b: 1\n").spans
    assert set(spans.by_path) == {(), ("a",), ("a", 0), ("a", 0, "b")}
    assert len(spans.by_path) == 4


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return
    try:
        reader.read_document(Source(name="m.yml", content=content))
    except InputError as error:
        assert error.where.startswith("m.yml")
