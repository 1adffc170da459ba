"""Ranges that share addresses are reported in pairs, each once."""

from cpi.kit.ranges import Range, overlapping


def _range(name: str, cidr: str) -> Range:
    return Range(name=name, cidr=cidr)


def test_new_ranges_are_held_against_each_other_and_against_those_that_are_there() -> None:
    new = [_range("a", "10.0.0.0/16"), _range("b", "10.0.4.0/24"), _range("c", "10.1.0.0/16")]
    there = [_range("d", "10.1.128.0/17"), _range("e", "10.2.0.0/16")]
    pairs = [(one.name, other.name) for one, other in overlapping(new, there)]
    assert pairs == [("a", "b"), ("c", "d")]


def test_what_is_there_overlaps_unasked_and_what_is_no_range_is_left_out() -> None:
    there = [_range("d", "10.1.0.0/16"), _range("e", "10.1.128.0/17")]
    new = [_range("a", "10.0.0.0/99"), _range("b", "words"), _range("c", "fd00::/8"), _range("f", "10.0.0.1/16")]
    assert list(overlapping(new, there)) == []
