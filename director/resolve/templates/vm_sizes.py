"""VM sizes by the names that templates write: cores and memory.

Takes a name, gives a size. Source: MicrosoftDocs/azure-compute-docs articles/virtual-machines/sizes (B, D, E, F, A v2),
read 2026-11.
"""

import re
from collections.abc import Mapping

from cpi.contract.value_classes import dataclass

_NAME = re.compile(r"(?:standard|basic)_([a-z]+?)(s?)(\d+)(?:-\d+)?([a-z]*)(?:_v(\d+))?")
FAMILIES = "B, D, E, F, A"
_MIB = 1024
_TABLE: Mapping[str, tuple[int, float]] = {
    "b1ls": (1, 0.5),
    "b1s": (1, 1),
    "b1ms": (1, 2),
    "b2s": (2, 4),
    "b2ms": (2, 8),
    "b4ms": (4, 16),
    "b8ms": (8, 32),
    "b12ms": (12, 48),
    "b16ms": (16, 64),
    "b20ms": (20, 80),
    "d1": (1, 3.5),
    "d2": (2, 7),
    "d3": (4, 14),
    "d4": (8, 28),
    "d5": (16, 56),
    "d11": (2, 14),
    "d12": (4, 28),
    "d13": (8, 56),
    "d14": (16, 112),
    "a1": (1, 2),
    "a2": (2, 4),
    "a4": (4, 8),
    "a8": (8, 16),
    "a2m": (2, 16),
    "a4m": (4, 32),
    "a8m": (8, 64),
}
"""Sizes whose number is not that of their cores, or whose memory follows no rule; in GiB."""
_FIRST_A: Mapping[str, tuple[int, float]] = {
    "0": (1, 0.75),
    "1": (1, 1.75),
    "2": (2, 3.5),
    "3": (4, 7),
    "4": (8, 14),
    "5": (2, 14),
    "6": (4, 28),
    "7": (8, 56),
    "8": (8, 56),
    "9": (16, 112),
    "10": (8, 56),
    "11": (16, 112),
}
"""Family A of the first version, which public templates still name; Basic_A0 to Basic_A4 are as large."""
_GIB_PER_CORE: Mapping[str, float] = {"b": 4, "d": 4, "e": 8, "f": 2}
_LOW_MEMORY: Mapping[str, float] = {"bl": 2, "bt": 0.5, "dl": 2}
_WITHOUT_RULE = 3
"""The first version of family D whose number is that of its cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSize:
    """A size as templates name it."""

    name: str
    cores: int
    ram_mib: int


def find_size(name: str) -> NamedSize | None:
    """The size called `name`, whatever its case; None for one that is not known."""
    match = _NAME.fullmatch(name.lower())
    if match is None:
        return None
    family, _, number, letters, written = match.groups()
    version = int(written or 1)
    listed = _of_table(family, number, letters, version=version)
    if listed is not None:
        return NamedSize(name=name, cores=listed[0], ram_mib=int(listed[1] * _MIB))
    has_rule = family in _GIB_PER_CORE and (family == "f" or version >= (2 if family == "b" else _WITHOUT_RULE))
    if not has_rule or not int(number):
        return None
    small = next((gib for key, gib in _LOW_MEMORY.items() if key[0] == family and key[1] in letters), None)
    cores = int(number)
    return NamedSize(name=name, cores=cores, ram_mib=int(cores * (small or _GIB_PER_CORE[family]) * _MIB))


def _of_table(family: str, number: str, letters: str, *, version: int) -> tuple[int, float] | None:
    match family:
        case "b":
            return _TABLE.get(f"b{number}{letters}") if version == 1 else None
        case "d":
            return _TABLE.get(f"d{number}") if version < _WITHOUT_RULE and not letters.strip("s") else None
        case "a":
            return _TABLE.get(f"a{number}{letters}") if version == 2 else _FIRST_A.get(f"{number}{letters}")
        case _:
            return None
