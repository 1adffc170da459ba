"""Errors for people: what, why, fix, where; many at once are numbered.

Takes errors, gives lines.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.errors import ExplainedError
from director.errors import ActionFailedError, Bug, Failures, Problems
from director.model.refused import RefusedError
from director.report import cleaning, quota_text

_LINES = 20
"""So many last lines of what a script or a compiler said."""


def error_lines(error: ExplainedError) -> tuple[str, ...]:
    """The error, or all its problems, as lines without a final line break."""
    match error:
        case Problems() if len(error.problems) > 1:
            return tuple(_many(f"{len(error.problems)} problems, nothing was created:", error.problems))
        case Failures() if len(error.failures) > 1:
            return tuple(_many(f"{len(error.failures)} actions failed; completed actions stay:", error.failures))
        case Failures():
            return tuple(_one(error.failures[0]))
    return tuple(_one(error))


def _many(header: str, errors: Iterable[ExplainedError]) -> Iterator[str]:
    yield header
    listed = tuple(errors)
    are_several = len({error.cloud for error in listed if error.cloud}) > 1
    for error in listed:
        yield ""
        yield from _one(error)
        if are_several and error.cloud:
            yield from cleaning.clean_field(f"  cloud: {error.cloud}")


def _one(error: ExplainedError) -> Iterator[str]:
    place = f"{error.where}: " if error.where else ""
    yield from cleaning.clean_field(f"{place}{error.code}: {error.what}")
    for gerund in error.doing:
        yield from cleaning.clean_field(f"  while {gerund}")
    if error.why:
        yield from cleaning.clean_field(f"  why: {error.why}")
    if error.fix:
        yield from cleaning.clean_field(f"  fix: {error.fix}")
    if isinstance(error, RefusedError):
        yield from quota_text.quota_lines(error.quota, error.request)
    if isinstance(error, ActionFailedError) and error.output.strip():
        yield "  output:"
        yield from (f"    | {line}" for line in cleaning.clean_lines(error.output.strip())[-_LINES:])
    if isinstance(error, Bug):
        yield "  This is a bug in compleat: please report it with the file named above."
