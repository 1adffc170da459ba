"""Each comes after what it needs, and a circle is spelled."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from director.resolve.order import in_order


def test_needs_come_first_and_the_rest_keeps_its_order() -> None:
    assert in_order({"a": [], "b": ["d", "c"], "c": [], "d": ["a"]}) == (("a", "d", "c", "b"), ())


def test_a_need_that_is_not_there_is_left_out() -> None:
    assert in_order({"a": ["x"]}) == (("a",), ())


def test_a_circle_is_spelled_from_where_it_closes() -> None:
    assert in_order({"a": ["b"], "b": ["c"], "c": ["b"]})[1] == ("b", "c", "b")


def test_what_needs_itself_is_a_circle() -> None:
    assert in_order({"a": ["a"]})[1] == ("a", "a")


def test_a_long_chain_is_no_trouble() -> None:
    size = 5000
    ordered, circle = in_order({str(number): [str(number + 1)] for number in range(size)})
    assert (ordered[0], ordered[-1], circle) == (str(size - 1), "0", ())


@given(st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=3)))
def test_the_order_holds_unless_a_circle_is_told(needs: dict[str, list[str]]) -> None:
    ordered, circle = in_order(needs)
    assert sorted(ordered) == sorted(needs)
    if circle:
        assert all(after in needs[before] for before, after in itertools.pairwise(circle))
    else:
        place = {name: at for at, name in enumerate(ordered)}
        assert all(place[need] < place[name] for name in needs for need in needs[name] if need in needs)
