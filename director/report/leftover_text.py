"""Leftovers of environments, place by place, for people and for machines.

Takes PlaceLeftovers, gives lines of 80 columns (an id is never broken), JSON, and what deletes them.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model import as_data, cloud_names
from director.model.environments.environment import CloudChoice
from director.model.leftovers import Leftover, PlaceLeftovers, UsedPlace
from director.report import cleaning, time_words

_WIDTH = 80
_NAMED = 200
"""So many leftovers of a place are named; JSON has all of them."""


def leftover_lines(found: Sequence[PlaceLeftovers]) -> tuple[str, ...]:
    """A line for each place, below it what is left there and what deletes it."""
    return tuple(line for each in found for line in _lines(each))


def leftovers_json(found: Sequence[PlaceLeftovers]) -> Mapping[str, JsonValue]:
    """All places with all that is left there; `error` where a place was not listed."""
    return {"left": sum(len(each.left) for each in found), "places": [_json(each) for each in found]}


def fix_elsewhere(place: UsedPlace, choices: Sequence[CloudChoice], *, is_built: bool) -> str:
    """What deletes leftovers at a place that the environment's file does not lead to now."""
    now = next((one.properties for one in choices if (one.name, one.plugin) == (place.cloud, place.plugin)), None)
    differing = {key: value for key, value in place.properties.items() if now is None or now.get(key) != value}
    settings = ", ".join(f"`{key}: {value}`" for key, value in differing.items() if isinstance(value, str | int))
    command = f"`compleat down -e {place.environment}`"
    file = f"environments/{place.environment}.yml"
    cloud = f"`cloud: {place.plugin}`" if now is None else ""
    change = ", ".join(text for text in (cloud, settings) if text) or "the settings of then"
    if is_built:
        return f"{command} in another COMPLEAT_HOME, where {file} has {change}"
    return f"{command} once {file} has {change}"


def _lines(each: PlaceLeftovers) -> Iterator[str]:
    where = _where(each.place)
    if each.error is not None:
        yield from _wrapped(f"{where}: not listed: {each.error.what}", "  ")
        for word, text in (("why", each.error.why), ("fix", each.error.fix)):
            if text:
                yield from _wrapped(f"  {word}: {text}", "    ")
        return
    known = f"; {each.known} known" if each.known else ""
    yield from _wrapped(f"{where}: {len(each.left) or 'nothing'} left{known}.", "  ")
    yield from (line for one in each.left[:_NAMED] for line in _wrapped(_words(one), "      "))
    if len(each.left) > _NAMED:
        yield f"  and {len(each.left) - _NAMED} more: --json names all"
    fixes = list(dict.fromkeys(one.deleted_by for one in each.left if one.deleted_by))
    for fix in fixes[:_NAMED]:
        yield from _wrapped(f"  To delete{_of(each, fix, fixes)}: {fix}", "    ")


def _of(each: PlaceLeftovers, fix: str, fixes: Sequence[str]) -> str:
    """Which of several a fix is for."""
    if len(fixes) == 1:
        return ""
    kinds = dict.fromkeys(one.kind for one in each.left if one.deleted_by == fix)
    return f" {', '.join(kind.replace('_', ' ') for kind in kinds)}"


def _where(place: UsedPlace) -> str:
    cloud = cloud_names.shown_name(place.cloud)
    words = f"{place.plugin}: {place.title}" if place.title else place.plugin
    on = f" on {words}" if words else ""
    return f"Environment '{place.environment}'{on}{f' ({cloud})' if cloud else ''}"


def _words(one: Leftover) -> str:
    of = f" of deployment '{one.deployment}'" if one.deployment else ""
    name = f" {one.name}" if one.name and one.name != one.cid else ""
    return f"  {one.kind.replace('_', ' ')}{name} {one.cid}{of}"


def _json(each: PlaceLeftovers) -> JsonValue:
    error = each.error
    left: list[JsonValue] = [
        {
            "kind": one.kind,
            "cid": one.cid,
            "name": one.name or None,
            "deployment": one.deployment or None,
            "deleted_by": one.deleted_by,
        }
        for one in each.left
    ]
    return {
        "environment": each.place.environment,
        "cloud": cloud_names.shown_name(each.place.cloud) or None,
        "plugin": each.place.plugin,
        "place": each.place.title,
        "identity": as_data.encode(each.place.facts),
        "listed_at": time_words.utc_text(each.at) if error is None else None,
        "known": each.known,
        "left": left,
        "error": {"code": error.code, "what": error.what, "why": error.why, "fix": error.fix} if error else None,
    }


def _wrapped(text: str, indent: str) -> list[str]:
    clean = cleaning.clean_line(text, longest=2000)
    return textwrap.wrap(clean, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
