"""Properties are bound as BOSH binds them."""

from collections.abc import Mapping

from director.model.releases.release import PropertyDefinition
from director.model.secret_ref import Property, SecretRef
from director.resolve.instance_groups.properties import bound_properties, misplaced

DEFINITIONS = (
    PropertyDefinition(name="a.b", default=1),
    PropertyDefinition(name="a.c"),
    PropertyDefinition(name="map", default={"z": 1, "a": {"y": 1, "b": [{"q": 1, "p": 2}]}}),
)


def test_defaults_fill_what_is_absent_or_null() -> None:
    assert bound_properties(DEFINITIONS, {"a": {"b": None, "c": False}}) == {
        "a": {"b": 1, "c": False},
        "map": {"z": 1, "a": {"y": 1, "b": [{"q": 1, "p": 2}]}},
    }


def test_a_map_replaces_its_default_and_undeclared_keys_go() -> None:
    given: Mapping[str, Property] = {"map": {"k": 1}, "a": {"b": 2, "x": 3}, "other": 1}
    assert bound_properties(DEFINITIONS, given) == {"a": {"b": 2, "c": None}, "map": {"k": 1}}


def test_keys_of_maps_are_sorted_down_to_lists() -> None:
    bound = bound_properties(DEFINITIONS, {})["map"]
    assert str(bound) == "{'a': {'b': [{'q': 1, 'p': 2}], 'y': 1}, 'z': 1}"


def test_a_declared_default_is_not_changed_by_a_property_below_it() -> None:
    whole = PropertyDefinition(name="m", default={"x": 1})
    bound_properties((whole, PropertyDefinition(name="m.y", default=2)), {})
    assert whole.default == {"x": 1}


def test_what_stands_where_a_map_should_is_found() -> None:
    values: Mapping[str, Property] = {"a": SecretRef(name="s"), "map": [1]}
    assert misplaced(DEFINITIONS, values) == [("a.b", ("a",), "the secret ((s))"), ("a.c", ("a",), "the secret ((s))")]
