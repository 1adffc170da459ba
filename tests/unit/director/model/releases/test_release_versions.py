"""Versions of releases in BOSH's order."""

import itertools

import pytest

from director.model.releases import release_versions


@pytest.mark.parametrize(
    "ordered",
    [
        ("0+dev.1", "0+dev.2", "0+dev.10", "1-alpha", "1-alpha.1", "1-beta", "1-rc.2", "1-rc.10", "1", "1+dev.1", "2"),
        ("1.2", "1.10", "1.10.1", "1.10.a", "1.a", "a"),
        ("1-1", "1-1+dev.1", "1-a", "1", "1+1", "1+dev", "1.0.1"),
        ("9.8-dev", "9+dev.9", "10"),
    ],
)
def test_versions_stand_in_boshs_order(ordered: tuple[str, ...]) -> None:
    for low, high in itertools.pairwise(ordered):
        assert release_versions.version_key(low) < release_versions.version_key(high), (low, high)


@pytest.mark.parametrize(
    ("one", "other"), [("1", "1.0.0"), ("1.2", "1.2 (old)"), ("9.8-dev", "9+dev.8"), ("1+2", "1+2.0")]
)
def test_some_versions_are_written_in_two_ways(one: str, other: str) -> None:
    assert release_versions.version_key(one) == release_versions.version_key(other)
    assert release_versions.matches(one, other)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("latest", "10.0"),
        ("1.latest", "1.10"),
        ("1.1.latest", None),
        ("1.2.latest", "1.2.3"),
        ("2.latest", "2+dev.3"),
        ("10.latest", "10.0"),
        ("10", "10.0"),
        ("3", None),
    ],
)
def test_latest_is_the_newest_that_begins_so(wanted: str, found: str | None) -> None:
    versions = ["1.10", "1.2", "1.2.3", "2-rc.1", "2+dev.3", "2+dev.2", "10.0", "1.9+dev.4"]
    assert release_versions.newest(versions, wanted) == found


@pytest.mark.parametrize(
    ("base", "known", "version"),
    [
        ("0", [], "0+dev.1"),
        ("3", ["3", "3+dev.1", "3+dev.10", "30+dev.99"], "3+dev.11"),
        ("3+dev.2", ["4+dev.7"], "3+dev.1"),
    ],
)
def test_the_next_development_version_counts_on_from_those_of_its_base(
    base: str, known: list[str], version: str
) -> None:
    assert release_versions.next_dev_version(base, known) == version
