"""What AWS charges, as of a day: on demand, Linux, dollars an hour, in the regions that cost the same.

Data only. A family is priced by its `large`; larger sizes are its multiples, as AWS has them.
"""

from collections.abc import Mapping

from cpi.contract.value_classes import dataclass

AS_OF = "2025-06-01"
CURRENCY = "USD"
REGIONS = frozenset({"us-east-1", "us-east-2", "us-west-2"})
"""Elsewhere the list says nothing until it is refreshed."""

GIB_MONTH = {"gp3": "0.08", "gp2": "0.10", "io1": "0.125", "io2": "0.125", "st1": "0.045", "sc1": "0.015"}
HOURS_OF_MONTH = 730
PUBLIC_ADDRESS_HOUR = "0.005"
NAT_GATEWAY_HOUR = "0.045"
LOAD_BALANCER_HOUR = "0.0225"
"""A network load balancer, without what it counts of the traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """An instance type: `ram_mib` and `cpus` as AWS has them, `hour` in dollars."""

    name: str
    cpus: int
    ram_mib: int
    architecture: str
    hour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    name: str
    large: int
    """The price of its `large` in units of 0.0001 dollars."""
    large_gib: int
    architecture: str = "x86_64"
    is_small: bool = False


_FAMILIES = (
    _Family(name="t3", large=832, large_gib=8, is_small=True),
    _Family(name="t3a", large=752, large_gib=8, is_small=True),
    _Family(name="t4g", large=672, large_gib=8, architecture="arm64", is_small=True),
    _Family(name="m5", large=960, large_gib=8),
    _Family(name="m6i", large=960, large_gib=8),
    _Family(name="m7i", large=1008, large_gib=8),
    _Family(name="m6g", large=770, large_gib=8, architecture="arm64"),
    _Family(name="m7g", large=816, large_gib=8, architecture="arm64"),
    _Family(name="c5", large=850, large_gib=4),
    _Family(name="c6i", large=850, large_gib=4),
    _Family(name="c6g", large=680, large_gib=4, architecture="arm64"),
    _Family(name="r5", large=1260, large_gib=16),
    _Family(name="r6i", large=1260, large_gib=16),
    _Family(name="r6g", large=1008, large_gib=16, architecture="arm64"),
)
_SMALL = (("nano", 16, 16), ("micro", 8, 8), ("small", 4, 4), ("medium", 2, 2))
"""Of a `large`: part of the price, part of the memory. All have two processors."""
_LARGE = (("large", 1), ("xlarge", 2), ("2xlarge", 4), ("4xlarge", 8))


def _sizes() -> Mapping[str, InstanceType]:
    found: dict[str, InstanceType] = {}
    for family in _FAMILIES:
        small = _SMALL if family.is_small else ()
        for word, price_part, memory_part in small:
            hour, ram = family.large / price_part / 10000, family.large_gib * 1024 // memory_part
            found[f"{family.name}.{word}"] = _size(family, word, cpus=2, ram_mib=ram, hour=hour)
        for word, times in _LARGE[:3] if family.is_small else _LARGE:
            hour, ram = family.large * times / 10000, family.large_gib * 1024 * times
            found[f"{family.name}.{word}"] = _size(family, word, cpus=2 * times, ram_mib=ram, hour=hour)
    return found


def _size(family: _Family, word: str, *, cpus: int, ram_mib: int, hour: float) -> InstanceType:
    name = f"{family.name}.{word}"
    return InstanceType(name=name, cpus=cpus, ram_mib=ram_mib, architecture=family.architecture, hour=f"{hour:.4f}")


SIZES: Mapping[str, InstanceType] = _sizes()
