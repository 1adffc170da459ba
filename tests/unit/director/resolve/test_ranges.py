"""Ranges as people write them, and counts that never list an address."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.model.environments.desired import IpRange
from director.resolve.networks import ranges


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("10.0.0.1", "10.0.0.1", "10.0.0.1"),
        (" 10.0.0.1 -10.0.0.9 ", "10.0.0.1", "10.0.0.9"),
        ("10.0.0.8/30", "10.0.0.8", "10.0.0.11"),
        ("fd00::1 - fd00::ff", "fd00::1", "fd00::ff"),
    ],
)
def test_an_address_a_range_and_a_cidr_are_ranges(text: str, first: str, last: str) -> None:
    interval = ranges.read_interval(text)
    assert interval
    assert interval.as_range() == IpRange(first=first, last=last)


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.9 - 10.0.0.1", "10.0.0.1 - fd00::1", "1 - 2 - 3", "a"])
def test_anything_else_is_none(text: str) -> None:
    assert ranges.read_interval(text) is None


def test_a_range_without_length_is_no_cidr() -> None:
    assert (ranges.read_cidr("10.0.0.0"), ranges.read_cidr("10.0.0.5/24")) == (
        None,
        ipaddress.ip_network("10.0.0.0/24"),
    )


intervals = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
    lambda ends: ranges.AddressInterval(first=min(ends), last=max(ends), version=4)
)


@given(whole=intervals, taken=st.lists(intervals, max_size=6))
def test_counting_what_is_free_is_the_same_as_listing_it(
    whole: ranges.AddressInterval, taken: list[ranges.AddressInterval]
) -> None:
    free = set(range(whole.first, whole.last + 1))
    for piece in taken:
        free -= set(range(piece.first, piece.last + 1))
    assert ranges.size_without(whole, taken) == len(free)
