"""All checks of one instance in the order in which they start.

Takes checks, gives those that are supervised, each after what it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from director.monit.checks import GROUP, Check, NameTwiceError, UnorderedError


def of_group(checks: Sequence[Check]) -> list[Check]:
    """Those that BOSH starts and stops."""
    return [check for check in checks if check.group == GROUP]


def order_checks(checks: Sequence[Check]) -> list[Check]:
    """The supervised ones in order. What depends on another, such as a host, depends on what that depends on.

    Raises NameTwiceError, and UnorderedError for an unknown name or a circle.
    """
    by_name = {check.name: check for check in checks}
    if len(by_name) != len(checks):
        names = [check.name for check in checks]
        raise NameTwiceError(sorted({name for name in names if names.count(name) > 1}))
    ordered: dict[str, Check] = {}
    for check in checks:
        _visit(check, ordered, by_name)
    return [
        check._replace(depends_on=_watched_below(check, by_name)) for check in ordered.values() if check.is_supervised
    ]


def _visit(check: Check, ordered: dict[str, Check], by_name: Mapping[str, Check]) -> None:
    """Put the check and all it depends on in order. A list instead of recursion: a chain may be long."""
    way: list[Check] = [check]
    while way:
        here = way[-1]
        below = next((name for name in here.depends_on if name not in ordered), None)
        if below is None:
            ordered[here.name] = way.pop()
            continue
        if below not in by_name:
            why = "'%s' depends on '%s', which no monit file of this instance defines" % (here.name, below)
            raise UnorderedError(why, [here.name])
        names = [each.name for each in way]
        if below in names:
            circle = names[names.index(below) :]
            raise UnorderedError("the circle is %s" % " -> ".join([*circle, below]), circle)
        way.append(by_name[below])


def _watched_below(check: Check, by_name: Mapping[str, Check]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    names = list(check.depends_on)
    seen = set(names)
    while names:
        below = by_name[names.pop(0)]
        if below.is_supervised:
            found[below.name] = None
            continue
        names += [name for name in below.depends_on if name not in seen]
        seen.update(below.depends_on)
    return tuple(found)
