from collections.abc import Callable

import pytest

from director.errors import InputError
from director.model.secret_ref import Property
from director.text.variables import lookup
from director.text.variables.lookup import Definition


def mint(definition: Definition, look_up: Callable[[str], Property]) -> Property:
    signer = definition.options.get("ca")
    return f"{definition.type} of {look_up(str(signer)) if signer else 'itself'}"


def test_given_values_come_before_stored_and_those_before_made_ones() -> None:
    definitions = tuple(Definition(name=name, type="password") for name in "abc")
    known = lookup.Lookup({"a": 1}, definitions, store={"a": 2, "b": 2}, mint=mint)
    assert [known.value_of(name) for name in "abc"] == [(True, 1), (True, 2), (True, "password of itself")]
    assert known.made == {"c": "password of itself"}


def test_a_value_is_made_once_and_others_may_be_made_with_it() -> None:
    definitions = (Definition(name="ca", type="certificate"), Definition(name="leaf", type="tls", options={"ca": "ca"}))
    known = lookup.Lookup({}, definitions, mint=mint)
    assert known.value_of("leaf") == (True, "tls of certificate of itself")
    assert set(known.made) == {"ca", "leaf"}


def test_a_definition_whose_options_lack_a_value_is_not_made_and_the_lacking_name_is_told() -> None:
    known = lookup.Lookup({}, (Definition(name="a", type="x", options={"n": "((host))"}),), mint=mint)
    assert (known.value_of("a"), known.missing, known.made) == ((False, None), {"host"}, {})


def test_a_signer_without_value_is_refused() -> None:
    known = lookup.Lookup({}, (Definition(name="a", type="x", options={"ca": "nobody"}),), mint=mint)
    with pytest.raises(InputError, match="Expected to find variables: nobody"):
        known.value_of("a")


def test_options_that_go_in_a_circle_are_refused() -> None:
    circle = (Definition(name="a", type="x", options={"n": "((b))"}), Definition(name="b", options={"n": "((a))"}))
    with pytest.raises(InputError) as caught:
        lookup.Lookup({}, circle).value_of("a")
    assert (caught.value.code, caught.value.why) == ("variable-recursion", "'a' needs 'b' needs 'a'.")


def test_what_nobody_asked_for_is_unused() -> None:
    known = lookup.Lookup({"b": 1, "a": 1, "c": 1}, store={"d": 1})
    known.value_of("b")
    assert known.unused() == ["a", "c", "d"]


def test_a_field_may_be_a_key_or_an_index() -> None:
    known = lookup.Lookup({"a": {"b": [1, {"0": "zero"}]}})
    assert [known.field_of("a", path) for path in [("b", "0"), ("b", "-1", "0")]] == [(True, 1), (True, "zero")]
