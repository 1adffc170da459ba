"""Findings of many checks gathered, and a finding as the error that the call would end in.

Takes checks, gives findings: all of them, each once.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from cpi.contract.errors import CloudError
from cpi.contract.values import Finding

_T = TypeVar("_T")
_R = TypeVar("_R")


def each(things: Iterable[_T], check: Callable[[_T], object]) -> Iterator[Finding]:
    """What a check refuses of each thing."""
    for thing in things:
        try:
            check(thing)
        except CloudError as error:
            yield Finding.of(error)


def readable(things: Iterable[_T], read: Callable[[_T], _R]) -> tuple[tuple[_R, ...], tuple[Finding, ...]]:
    """What can be read of things, and what is refused of the others, each once."""
    found: list[_R] = []
    refused = tuple(each(things, lambda thing: found.append(read(thing))))
    return tuple(found), tuple(dict.fromkeys(refused))


def all_of(checks: Iterable[Callable[[], Iterable[Finding]]]) -> tuple[Finding, ...]:
    """What all checks find, each once; that one cannot look is a finding, too."""
    found = [finding for check in checks for finding in _tried(check)]
    return tuple({(finding.code, finding.what): finding for finding in found}.values())


def require(findings: Iterable[Finding], kind: type[CloudError] = CloudError) -> None:
    """Raise the first as the error that the cloud's own refusal would be."""
    for found in findings:
        error = kind(found.code, found.what, why=found.why, fix=found.fix).about(*found.written_names)
        error.property_path = found.property_path
        raise error


def _tried(check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except CloudError as error:
        yield Finding.of(error)
