"""Settings and properties that have no effect: remarks that forbid nothing. Pure.

Takes what has no effect and why, gives remarks.
"""

from collections.abc import Iterable, Iterator, Mapping

from cpi.contract.values import Finding, JsonValue


def unused_setting(setting: str, *, cloud: str, why: str) -> Finding:
    """A setting of the environment's file."""
    return Finding(
        code="setting-unused",
        what=f"The setting {setting} has no effect on {cloud}.",
        why=why,
        fix="Remove it from the environment's file.",
        is_fatal=False,
    )


def unused_property(name: str, of: str, *, cloud: str, why: str) -> Finding:
    """A cloud property, or several of one thing ("VM 'web-0'")."""
    return Finding(
        code="property-unused",
        what=f"Cloud property {name} of {of} has no effect on {cloud}.",
        why=why,
        fix="Remove it, unless the cloud config serves another cloud, too.",
        is_fatal=False,
    )


def unread(
    written: Mapping[str, Iterable[Mapping[str, JsonValue]]], read: Mapping[str, Iterable[str]], *, cloud: str, why: str
) -> Iterator[Finding]:
    """Cloud properties by kind ("disk") that nothing of the cloud looks at; one remark for each kind."""
    for kind, all_properties in written.items():
        keys = sorted({key for properties in all_properties for key in properties} - set(read.get(kind, ())))
        if keys:
            yield unused_property(", ".join(f"'{key}'" for key in keys), f"a {kind}", cloud=cloud, why=why)
