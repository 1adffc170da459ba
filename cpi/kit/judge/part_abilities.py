"""What a cloud can express of the parts that templates add to a landing zone, and the findings about them. Pure.

Takes a part and what is wrong with it, gives a finding that names the part.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from cpi.contract.json_value import JsonValue
from cpi.contract.landing_parts import BalancerProtocol, ImageOrigin, NextHop
from cpi.contract.part_findings import PartFinding
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding

BALANCERS = "load_balancers"
REFUSED = "landing-part-refused"
INVALID = "landing-part-invalid"
UNUSED = "landing-part-unused"
_OTHER_CLOUD = "Remove it from the template, or use a cloud that has it."


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAbilities:
    """What a cloud can express. `missing` and `unused` map a kind of part to why it is refused, or has no effect.

    `reserved` are names of parts that the landing zone has itself. `refused_hops` maps each kind of next hop that the
    cloud refuses to why, `refused_balancing` each protocol of a load balancer's rule (at public addresses alone, where
    it `balances_all_inside`), and `unprobed` each that needs a probe. `no_inner_front` and `no_nat_rules` are why its
    balancers have no front inside of a network, and no rules that lead to one machine; "" where they do. `shares_ports`
    says that TCP and UDP can have the same port of a balancer. A probe's interval in seconds, and its failures until a
    machine is left out, are within `probe_seconds` and `probe_failures`. `forwarding` are the cloud properties of a
    machine that forwards traffic; empty where the cloud has none that does.
    `has_account_settings` says that a storage account has a sku, a kind, a tier, and keys that can be turned off.
    An image is made of what `image_places` has, by a pattern of its place and an example for each; `refused_images`
    maps the rest to why and to what to do instead. `has_generations` says that an image has a generation.
    """

    cloud: str
    missing: Mapping[str, str] = field(default_factory=dict)
    unused: Mapping[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    has_deny_rules: bool = False
    refused_hops: Mapping[NextHop, str] = field(default_factory=dict)
    refused_balancing: Mapping[BalancerProtocol, str] = field(default_factory=dict)
    balances_all_inside: bool = False
    unprobed: Mapping[BalancerProtocol, str] = field(default_factory=dict)
    no_inner_front: str = ""
    no_nat_rules: str = ""
    shares_ports: bool = True
    probe_seconds: tuple[int, int] = (5, 2**31 - 1)
    probe_failures: tuple[int, int] = (1, 2**31 - 1)
    forwarding: Mapping[str, JsonValue] = field(default_factory=dict)
    has_account_settings: bool = False
    image_places: Mapping[ImageOrigin, tuple[re.Pattern[str], str]] = field(default_factory=dict)
    refused_images: Mapping[ImageOrigin, tuple[str, str]] = field(default_factory=dict)
    has_generations: bool = False


def invalid(path: tuple[str, ...], what: str, *, why: str, fix: str = "Correct it in the template.") -> PartFinding:
    return PartFinding(path=path, finding=Finding(code=INVALID, what=what, why=why, fix=fix))


def unknown(path: tuple[str, ...], kind: str, name: str, *, known: Iterable[str]) -> PartFinding:
    what = f"'{path[1]}' of the landing zone names {kind} '{name}', which does not exist."
    return invalid(path, what, why=f"It has {', '.join(sorted(known)) or 'none'}.")


def refused(
    path: tuple[str, ...], thing: str, abilities: PartAbilities, *, why: str, fix: str = _OTHER_CLOUD
) -> PartFinding:
    finding = Finding(
        code=REFUSED,
        what=f"{abilities.cloud} cannot express {thing}: '{path[-1]}'.",
        why=why,
        fix=fix,
    )
    return PartFinding(path=path, finding=finding)


def unused(path: tuple[str, ...], title: str, abilities: PartAbilities, *, why: str) -> PartFinding:
    finding = Finding(
        code=UNUSED,
        what=f"{abilities.cloud} does not act on the {title} '{path[-1]}'.",
        why=why,
        fix="No action needed, unless the template relies on it.",
        is_fatal=False,
    )
    return PartFinding(path=path, finding=finding)
