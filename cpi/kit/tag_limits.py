"""A cloud's limits of tags: number, length, characters; a tag that it would cut or refuse is reported by preflight.

Takes tags and a cloud's limits, gives refusals and findings; cuts for a BOSH director alone, as BOSH's CPIs do.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, PreflightRequest

TOO_MANY = "too-many-tags"
_SHOWN = 40
_FIX = "Correct the tag in the manifest, the cloud config or the environment's file."


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLimits:
    """`forbidden` matches invalid characters of a name, `allowed` describes the valid ones; `reserved` are prefixes."""

    cloud: str
    most: int
    longest_name: int
    longest_value: int
    forbidden: re.Pattern[str]
    allowed: str
    reserved: tuple[str, ...] = ()


def refusals(tags: Mapping[str, str], limits: TagLimits) -> Iterator[CloudError]:
    """Everything about them that the cloud would cut or refuse: too-many-tags, tag-too-long, tag-not-allowed."""
    if len(tags) > limits.most:
        yield too_many(len(tags), limits)
    for name, value in tags.items():
        yield from _of_one(name, value, limits)


def require(tags: Mapping[str, str], limits: TagLimits) -> None:
    """Raises the first of them."""
    for error in refusals(tags, limits):
        raise error


def findings(request: PreflightRequest, limits: TagLimits) -> tuple[Finding, ...]:
    """Problems of the tags of everything that a plan creates or tags again, each once."""
    asked = (
        *(one.tags for one in request.stemcells),
        *(one.tags for one in request.vms),
        *(one.tags for one in request.disks),
        *request.retags,
    )
    return as_findings(error for tags in asked for error in refusals(tags, limits))


def as_findings(errors: Iterable[CloudError]) -> tuple[Finding, ...]:
    """Refusals as preflight findings; each once."""
    found = (Finding.of(error) for error in errors)
    return tuple(dict.fromkeys(found))


def cut(tags: Mapping[str, str], limits: TagLimits) -> dict[str, str]:
    """Names and values as long as the cloud keeps them: what BOSH's CPIs do with a director's metadata."""
    return {name[: limits.longest_name]: value[: limits.longest_value] for name, value in tags.items()}


def too_many(count: int, limits: TagLimits) -> CloudError:
    """Of so many."""
    return CloudError(
        TOO_MANY,
        f"{count} tags exceed the {limits.most} that {limits.cloud} allows.",
        why="Tags of the environment, the manifest and the cloud config add to those of compleat itself.",
        fix="Set fewer tags.",
    )


def reserved(name: str) -> CloudError:
    """Of a tag that the plugin writes itself."""
    return CloudError("tag-not-allowed", f"Tag '{name}' is reserved.", why="compleat finds its own by it.", fix=_FIX)


def _of_one(name: str, value: str, limits: TagLimits) -> Iterator[CloudError]:
    shown = name[:_SHOWN] + ("..." if len(name) > _SHOWN else "")
    if len(name) > limits.longest_name:
        yield _too_long(f"The name of tag '{shown}' has {len(name)} characters.", limits.longest_name, limits)
    if len(value) > limits.longest_value:
        yield _too_long(f"The value of tag '{shown}' has {len(value)} characters.", limits.longest_value, limits)
    if not name or limits.forbidden.search(name):
        why = f"A name consists of {limits.allowed}." if name else "A name has at least one character."
        yield CloudError(
            "tag-not-allowed", f"{limits.cloud} does not accept the tag name '{shown}'.", why=why, fix=_FIX
        )
    if name.lower().startswith(limits.reserved):
        begins = ", ".join(f"'{one}'" for one in limits.reserved)
        why = f"{limits.cloud} reserves names that begin with {begins}."
        yield CloudError(
            "tag-not-allowed", f"{limits.cloud} does not accept the tag name '{shown}'.", why=why, fix=_FIX
        )


def _too_long(what: str, most: int, limits: TagLimits) -> CloudError:
    return CloudError("tag-too-long", what, why=f"{limits.cloud} allows {most}.", fix=_FIX)
