"""Versions of releases in BOSH's order, and which of many `latest` and `X.latest` mean.

Takes versions as text, gives a key to sort by, or one of them. Source: cloudfoundry/bosh src/bosh-common
lib/bosh/common/version/, cloudfoundry/bosh-cli vendor/github.com/cppforlife/go-semi-semantic version/.
"""

import re
from collections.abc import Iterable

VersionKey = tuple[tuple[tuple[int, int, str], ...], tuple[int, "_Components"], tuple[int, "_Components"]]
_Components = tuple[tuple[int, int, str], ...]
_LATEST = "latest"
_OLD_DEV = re.compile(r"(.+)\.([0-9]+)-dev")
_DEV = re.compile(r"(.*)\+dev\.([0-9]+)")


def version_key(text: str) -> VersionKey:
    """Sort by it: the release's parts first, then a pre-release before none, then a post-release after none.

    Numbers count as numbers and stand before words; zeros at the end count for nothing: 1 is 1.0.0.
    """
    release, before, after = _segments(text)
    return (
        _components(release),
        (0, _components(before)) if before else (1, ()),
        (1, _components(after)) if after else (0, ()),
    )


def is_pattern(version: str) -> bool:
    """Whether it names the newest of several: `latest` or `X.latest`."""
    return version == _LATEST or version.endswith(f".{_LATEST}")


def matches(version: str, wanted: str) -> bool:
    """Whether a version is the wanted one, or one of those that `latest` or `X.latest` chooses from."""
    if not is_pattern(wanted):
        return version_key(version) == version_key(wanted)
    if wanted == _LATEST:
        return True
    prefix = wanted.removesuffix(f".{_LATEST}")
    return version == prefix or (version.startswith(prefix) and version[len(prefix)] in ".-+")


def newest(versions: Iterable[str], wanted: str = _LATEST) -> str | None:
    """The newest version that matches, None if none does."""
    return max((version for version in versions if matches(version, wanted)), key=version_key, default=None)


def next_dev_version(base: str, known: Iterable[str]) -> str:
    """BOSH's next development version after `base` ("0" without a final version): the highest known one plus one."""
    base = dev_base(base)
    numbers = [int(found[2]) for version in known if (found := _DEV.fullmatch(version)) and found[1] == base]
    return f"{base}+dev.{max(numbers, default=0) + 1}"


def dev_base(version: str) -> str:
    """The version without its development number."""
    found = _DEV.fullmatch(version)
    return found[1] if found else version


def _segments(text: str) -> tuple[str, str, str]:
    """Release, pre-release and post-release; what stands after a blank says nothing."""
    word = text.split(" ", 1)[0]
    old = _OLD_DEV.fullmatch(word)
    word = f"{old[1]}+dev.{old[2]}" if old else word
    rest, _, after = word.partition("+")
    release, _, before = rest.partition("-")
    return release, before, after


def _components(segment: str) -> _Components:
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in segment.split(".")]
    while parts and parts[-1] == (0, 0, ""):
        parts.pop()
    return tuple(parts)
