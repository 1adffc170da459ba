import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.errors import InputError
from director.text.ops import patch, paths
from director.text.yaml import writer
from tests.unit.director.text import texts

BASE = (
    "a: {b: 1, c: [x, y]}\nlist:\n- {name: one, v: 1}\n- {name: two, v: 2}\n- {name: three, v: 3}\nw: ~\nid: [{k: 1}]\n"
)


def patched(changes: str, base: str = BASE) -> object:
    return patch.apply_operations(texts.document(base), texts.ops(changes)).tree


def refusal(changes: str, base: str = BASE) -> InputError:
    with pytest.raises(InputError) as caught:
        patched(changes, base)
    return caught.value


def one(path: str, value: str = "9") -> str:
    return f'- {{type: replace, path: "{path}", value: {value}}}'


@pytest.mark.parametrize(
    ("change", "base", "expected"),
    [
        (one(""), "a: 1", 9),
        (one("/a?/b/c"), "{}", {"a": {"b": {"c": 9}}}),
        (one("/l?/-"), "{}", {"l": [9]}),
        (one("/jobs/name=x?/props/y"), "jobs: []", {"jobs": [{"name": "x", "props": {"y": 9}}]}),
        (one("/l/name=a?", "{name: b}"), "l: []", {"l": [{"name": "b"}]}),
        (one("/l/0:before"), "l: [1, 2]", {"l": [9, 1, 2]}),
        (one("/l/-1:after"), "l: [1, 2]", {"l": [1, 2, 9]}),
        (one("/l/0:next:after"), "l: [1, 2, 3]", {"l": [1, 2, 9, 3]}),
        (one("/l/0:prev"), "l: [1, 2]", {"l": [1, 9]}),
        (one("/l/-1:next"), "l: [1, 2]", {"l": [9, 2]}),
        (one("/l/k=a:before"), "l: [{k: a}]", {"l": [9, {"k": "a"}]}),
        (one("/l/k=a:prev/v?"), "l: [{k: b}, {k: a}]", {"l": [{"k": "b", "v": 9}, {"k": "a"}]}),
        (one("/l/k=a?:after"), "l: []", {"l": [9]}),
        (one("/+0"), "[1, 2]", [9, 2]),
        (one("/-"), "[]", [9]),
        (one("/"), "'': 1", {"": 9}),
        ("- {type: remove, path: /a/0}", "a: [1, 2]", {"a": [2]}),
        ("- {type: remove, path: /l/k=a:next}", "l: [{k: a}, 2]", {"l": [{"k": "a"}]}),
        ("- {type: remove, path: /b?/c/n=d}", "a: 1", {"a": 1}),
        ("- {type: remove, path: /l/k=a?}", "l: [1]", {"l": [1]}),
        ("- {type: test, path: /a, value: 1}", "a: 1", {"a": 1}),
        ("- {type: test, path: /b, absent: true}", "a: 1", {"a": 1}),
        ("- {type: test, path: /a/3, absent: true}", "a: [1]", {"a": [1]}),
    ],
)
def test_an_operation_does_what_the_reference_tool_does(change: str, base: str, expected: object) -> None:
    assert patched(change, base) == expected


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        (one("/w/x"), "ops-path-type", "find a map at path '/w/x' but found '<nil>'"),
        (one("/a/0"), "ops-path-type", "find an array at path '/a/0' but found 'map[interface {}]interface {}'"),
        (one("/a/b/c"), "ops-path-type", "find a map at path '/a/b/c' but found 'int'"),
        (one("/zz"), "ops-path-missing", "find a map key 'zz' for path '/zz' (found map keys: 'a', 'id', 'list', 'w')"),
        (one("/id/k=1"), "ops-path-missing", "find exactly one matching array item for path '/id/k=1' but found 0"),
        (one("/a/c/-3"), "ops-path-missing", "find array index '-3' but found array of length '2' for path '/a/c/-3'"),
        (one("/z?/0"), "ops-path-misuse", "find key, matching index or after last index token at path '/z?/0'"),
        (
            one("/a/c/0:before:next"),
            "ops-path-misuse",
            "not find any modifiers after 'before' modifier, but found modifier 'patch.NextModifier'",
        ),
        (
            one("/list/0:before/v"),
            "ops-path-misuse",
            "find one of the following modifiers: 'prev', 'next', but found modifier 'patch.BeforeModifier'",
        ),
        (
            "- {type: remove, path: /a/c/-}",
            "ops-path-misuse",
            "not find token 'patch.AfterLastIndexToken' at path '/a/c/-'",
        ),
        (
            "- {type: remove, path: /a/c/9}",
            "ops-path-missing",
            "find array index '9' but found array of length '2' for path '/a/c/9'",
        ),
        ("- {type: test, path: /a/b, absent: true}", "ops-test-failed", "not find '/a/b'"),
        (
            "- {type: test, path: /q/b, absent: true}",
            "ops-path-missing",
            "find a map key 'q' for path '/q' (found map keys: 'a', 'id', 'list', 'w')",
        ),
        (
            "- {type: test, path: /list/name=x, absent: true}",
            "ops-path-missing",
            "find exactly one matching array item for path '/list/name=x' but found 0",
        ),
    ],
)
def test_a_refusal_has_the_reference_tools_words_and_our_place(change: str, code: str, what: str) -> None:
    error = refusal(change)
    reported = (error.code, error.what, error.where)
    assert reported == (code, f"Error 'operation [0] in o.yml failed': Expected to {what}", "o.yml:1:3")


def test_the_whole_document_cannot_be_removed() -> None:
    error = refusal("- {type: remove, path: ''}")
    assert error.what == "Error 'operation [0] in o.yml failed': Cannot remove entire document"


def test_types_count_when_values_are_compared() -> None:
    error = refusal("- {type: test, path: /a/b, value: '1'}")
    assert error.what == "Error 'operation [0] in o.yml failed': Found value does not match expected value"


def test_a_refusal_names_the_nearest_existing_path_and_the_nearest_word() -> None:
    error = refusal(one("/list/name=thre/v"))
    assert error.why == "The path leads as far as /list, whose items have 'name': 'one', 'two', 'three'."
    assert error.fix.startswith("Did you mean 'three'?")


def test_the_first_failure_ends_all_and_the_given_document_is_as_before() -> None:
    document = texts.document(BASE)
    with pytest.raises(InputError):
        patch.apply_operations(document, texts.ops(f"{one('/a/b')}\n{one('/zz')}"))
    assert document.tree == texts.tree(BASE)


def test_a_value_used_twice_is_two_values() -> None:
    changes = texts.ops(f"{one('/x?', '{deep: []}')}")
    document = patch.apply_operations(texts.document("{}"), [*changes, *texts.ops(one("/x/deep/-")), *changes])
    again = patch.apply_operations(document, changes)
    assert again.tree == {"x": {"deep": []}}


def test_places_follow_what_is_inserted_and_removed() -> None:
    changes = f"{one('/list/0:before', '{name: zero}')}\n- {{type: remove, path: /list/name=one}}\n{one('/new?/k')}"
    spans = patch.apply_operations(texts.document(BASE), texts.ops(changes)).spans
    found = [str(spans.at(path)) for path in [("list", 0, "name"), ("list", 1), ("list", 2, "v"), ("new", "k")]]
    assert found == ["o.yml:1:51", "m.yml:4:3", "m.yml:5:17", "o.yml:3:3"]


names = st.text("ab", min_size=1, max_size=2)
trees = st.recursive(
    st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=9,
)


@given(
    st.dictionaries(names, trees, min_size=1, max_size=4), st.lists(names, min_size=1, max_size=3), st.integers(0, 99)
)
def test_what_was_made_is_found_and_removing_it_leaves_the_rest(
    tree: dict[str, object], keys: list[str], value: int
) -> None:
    path = f"/new?/{'/'.join(paths.escape(key) for key in keys)}"
    base = texts.document(str(tree).replace("'", '"'))
    made = patch.apply_operations(base, texts.ops(one(path, str(value))))
    test = texts.ops(f"- {{type: test, path: {path.replace('?', '')}, value: {value}}}")
    removed = patch.apply_operations(made, [*test, *texts.ops("- {type: remove, path: /new}")])
    assert removed.tree == tree


def test_a_path_of_more_steps_than_a_document_may_have_levels_is_refused() -> None:
    assert refusal(one("/a?" * 200, "[9]"), "{}").code == "yaml-too-big"
    reported = refusal(one("/a?" * 20_000), "{}")
    assert (reported.code, "at most 200 steps, but found 20000" in reported.what) == ("ops-invalid", True)


def test_operations_together_cannot_nest_deeper_than_a_document_may() -> None:
    deep = "[" * 150 + "1" + "]" * 150
    reported = refusal(one("/a?" * 40, deep) + "\n" + one("/a" * 40 + "/0" * 100, deep), "{}")
    assert (reported.code, "operation [1]" in reported.what, reported.where) == ("yaml-too-big", True, "o.yml:2:3")


def test_a_document_of_the_greatest_depth_is_patched_and_printed() -> None:
    made = patched(one("/a?" * 198, "[x]"), "{}")
    assert writer.write_yaml(made).count("a:") == 198  # type: ignore[arg-type]
