"""What an ARM path names: a kind of resource, and the names on the way to it. Pure.

Takes a path, gives its parts.
"""

from cpi.contract.value_classes import dataclass

GROUP = "resourcegroups"
PROVIDER = "providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmTarget:
    """`kind` is in small letters: microsoft.network/virtualnetworks/subnets. `names`: group or location first."""

    subscription: str
    kind: str
    names: tuple[str, ...]
    is_in_group: bool


def read_target(path: str) -> ArmTarget | None:
    """What a path under a subscription names; None for any other path, and for the subscription itself."""
    words = path.strip("/").split("/")
    if len(words) < 4 or words[0].lower() != "subscriptions":
        return None
    subscription, rest = words[1], words[2:]
    if rest[0].lower() == GROUP and len(rest) <= 3:  # a group, or its list of resources
        return _target(subscription, [GROUP, *rest[2:]], (rest[1],))
    group = (rest[1],) if rest[0].lower() == GROUP else ()
    provider = rest[2:] if group else rest
    if len(provider) < 2 or provider[0].lower() != "providers":
        return None
    if provider[2:] in ([], ["register"]):
        return _target(subscription, [PROVIDER, *provider[2:]], (provider[1],))
    return _target(subscription, [provider[1], *provider[2::2]], (*group, *provider[3::2]), is_in_group=bool(group))


def _target(subscription: str, kind: list[str], names: tuple[str, ...], *, is_in_group: bool = False) -> ArmTarget:
    return ArmTarget(subscription=subscription, kind="/".join(kind).lower(), names=names, is_in_group=is_in_group)
