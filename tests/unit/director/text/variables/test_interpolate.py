import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.errors import InputError
from director.model.secret_ref import Property
from director.text.variables import interpolate, lookup, placeholders
from tests.unit.director.text import texts

VALUES: dict[str, Property] = {"n": 5, "t": "text", "m": {"a": [True]}, "ref": "((t))", "b": True, "é/x-y_z": 1}


def filled(text: str) -> Property:
    return interpolate.interpolate_document(texts.document(text), lookup.Lookup(VALUES)).tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("((n))", 5), ("(( !n ))", 5), ("((!n))!", "5!"), ("((m))", {"a": [True]}), ("((m.a.0))", True),
        ("((n))((t))((zz))", "5text((zz))"), ("x(( t ))", "x(( t ))"), ("((  t  ))", "((  t  ))"),
        ("((a b))", "((a b))"),
        ("((ref))", "((t))"), ("x((ref))((n))", "x((t))5"), ("((zz.q))", "((zz.q))"), ("((é/x-y_z))", 1),
        ("(((t)))", "(text)"),
    ],
)  # fmt: skip
def test_a_placeholder_becomes_its_value(text: str, value: Property) -> None:
    assert interpolate.fill_in(text, lookup.Lookup(VALUES)) == value


def test_keys_are_filled_in_too() -> None:
    assert filled("((n)): 1\nk((t)): [((n))]") == {5: 1, "ktext": [5]}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("a:\n  b: x((b))", "variable-in-text", "m.yml:2:3"),
        ("a: [x, x((m))]", "variable-in-text", "m.yml:1:8"),
        ("a: ((m.zz))", "variable-field-missing", "m.yml:1:1"),
        ("a: ((n.zz))", "variable-field-missing", "m.yml:1:1"),
        ("a: ((m.a.7))", "variable-field-missing", "m.yml:1:1"),
        ("((m)): 1", "variable-in-text", "m.yml:1:1"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(text: str, code: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        filled(text)
    assert (caught.value.code, caught.value.where) == (code, where)


def test_how_a_number_becomes_text_is_shown() -> None:
    with pytest.raises(InputError) as caught:
        interpolate.fill_in("x((v))", lookup.Lookup({"v": 60.2}))
    assert caught.value.fix == "Give it as text, as -v v='\"...\"' does, or use it as the whole value."


def test_a_value_is_never_in_a_message() -> None:
    with pytest.raises(InputError) as caught:
        interpolate.fill_in("x((s))", lookup.Lookup({"s": {"password": "hidden"}}))
    assert caught.value.what == (
        "Invalid type 'map[interface {}]interface {}' for value '<redacted>' and variable 's'."
        " Supported types for interpolation within a string are integers and strings."
    )


def test_the_first_place_of_a_variable_is_found_in_values_and_keys() -> None:
    document = texts.document("a: [x, ((one))]\nb((two)): ((one))\n")
    found = [interpolate.first_place(document, names) for names in [{"one"}, {"two"}, {"three"}]]
    assert found == ["m.yml:1:8", "m.yml:2:1", ""]


@given(st.text(st.sampled_from("()! .aé-/x"), max_size=30))
def test_pieces_of_a_text_put_together_are_the_text(text: str) -> None:
    found = placeholders.find_placeholders(text)
    assert placeholders.replace_each(text, found, lambda one: text[one.start : one.end]) == text
    assert interpolate.fill_in(text, lookup.Lookup({})) == text
