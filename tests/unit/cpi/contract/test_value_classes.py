"""The project's `dataclass` beside the standard one: the same classes, made faster."""

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field, replace
from typing import Any

import pytest

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    host: str
    ports: tuple[int, ...] = ()
    password: str = field(default="", repr=False)
    note: str = field(default="", compare=False)
    inner: "Place | None" = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StandardPlace:
    host: str
    ports: tuple[int, ...] = ()
    password: str = field(default="", repr=False)
    note: str = field(default="", compare=False)
    inner: "StandardPlace | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Harbour(Place):
    """One with more fields."""

    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One that says itself how it is shown and compared."""

    name: str

    def __repr__(self) -> str:
        return "odd"

    def __eq__(self, other: object) -> bool:
        return other == "odd"


@dataclass(frozen=True, slots=True)
class Pair:
    """Positions, factories, and a field that no caller gives."""

    first: int
    second: tuple[int, ...] = field(default_factory=tuple)
    cache: dict[str, int] = field(default_factory=dict, init=False, compare=False)
    third: str = field(default="x", kw_only=True)

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError("below zero")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Step:
    number: int


@dataclass(slots=True)
class Counter:
    count: int = 0


ARGUMENTS: tuple[dict[str, Any], ...] = (
    {"host": "a"},
    {"host": "a", "ports": (1, 2)},
    {"host": "a", "password": "secret"},
    {"host": "a", "note": "of no account"},
    {"host": "b"},
)


@pytest.mark.parametrize("one", ARGUMENTS)
@pytest.mark.parametrize("other", ARGUMENTS)
def test_values_are_equal_where_standard_ones_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    is_equal = StandardPlace(**one) == StandardPlace(**other)
    assert (Place(**one) == Place(**other)) == is_equal
    assert (hash(Place(**one)) == hash(Place(**other))) == is_equal


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_value_is_shown_as_a_standard_one_without_its_secrets(arguments: dict[str, Any]) -> None:
    assert repr(Place(**arguments)) == repr(StandardPlace(**arguments)).replace("StandardPlace", "Place")


def test_a_value_of_a_subclass_is_another_value_and_has_the_fields_of_both() -> None:
    assert Harbour(host="a") != Place(host="a")
    assert Harbour(host="a", depth=1) != Harbour(host="a")
    assert repr(Harbour(host="a", depth=1)) == "Harbour(host='a', ports=(), note='', inner=None, depth=1)"


def test_what_a_class_says_itself_stays() -> None:
    assert (repr(Odd(name="x")), Odd(name="x") == "odd") == ("odd", True)
    assert hash(Odd(name="x")) == hash(Odd(name="x"))


def test_one_field_compares_as_in_a_tuple_and_none_is_always_equal() -> None:
    number = float("nan")
    assert Named(name=number) == Named(name=number)
    assert (Nothing() == Nothing(), len({Nothing(), Nothing()})) == (True, 1)


def test_a_field_that_has_no_hash_leaves_its_value_without_one() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Named(name=[]))


def test_nothing_of_a_value_changes_and_nothing_is_added() -> None:
    place: Any = Place(host="a")
    with pytest.raises(FrozenInstanceError):
        place.host = "b"
    with pytest.raises(FrozenInstanceError):
        del place.host
    with pytest.raises((AttributeError, TypeError)):
        place.other = 1
    assert not hasattr(place, "__dict__")


def test_values_are_copied_pickled_and_replaced() -> None:
    place = Place(host="a", ports=(1,), inner=Place(host="b"))
    assert copy.deepcopy(place) == place
    assert pickle.loads(pickle.dumps(place)) == place
    assert replace(place, host="c") == Place(host="c", ports=(1,), inner=Place(host="b"))


def test_arguments_are_taken_as_the_standard_library_takes_them() -> None:
    pair = Pair(1, (2,), third="y")
    assert (pair.first, pair.second, pair.cache, pair.third) == (1, (2,), {}, "y")
    assert Pair(1).second == ()
    assert Pair(1).cache is not Pair(1).cache
    assert replace(pair, first=3) == Pair(3, (2,), third="y")
    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]] = [((), {}), ((1, (), "y"), {}), ((1,), {"cache": {}})]
    for arguments, named in wrong:
        with pytest.raises(TypeError):
            Pair(*arguments, **named)
    with pytest.raises(ValueError, match="below zero"):
        Pair(-1)


def test_the_first_object_of_a_class_is_as_the_second_and_those_of_its_subclass_are_its_own() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class One:
        name: str

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Two(One):
        size: int = 1

    assert (Two(name="a").size, One(name="a") == One(name="a"), Two(name="a", size=1) == Two(name="a")) == (
        1,
        True,
        True,
    )
    assert inspect.signature(Two.__init__).parameters.keys() == {"self", "name", "size"}


def test_a_value_that_holds_itself_is_shown() -> None:
    inside: list[Any] = []
    inside.append(Named(name=inside))
    assert repr(inside[0]) == "Named(name=[...])"


def test_classes_that_have_an_order_or_may_change_are_the_standard_librarys() -> None:
    counter = Counter()
    counter.count += 1
    assert (counter, sorted([Step(number=2), Step(number=1)])[0]) == (Counter(count=1), Step(number=1))
    assert type(counter).__hash__ is None
