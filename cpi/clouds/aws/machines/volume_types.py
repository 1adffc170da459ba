"""What EBS takes of each volume type: sizes, IOPS, throughput, and whether a VM starts from it. Pure.

Takes volumes, gives findings. Source: AWS's "Amazon EBS volume types" and CreateVolume (EC2 API reference).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cpi.contract.values import Finding

_LEAST_THROUGHPUT = 125
_MOST_THROUGHPUT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume to come, or one that is there; `throughput` in MiB/s; None: EBS's default."""

    type: str
    gib: int
    iops: int | None = None
    throughput: int | None = None
    is_root: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _VolumeRule:
    """`iops` are the least and the most, None where EBS takes no such setting; `per_gib` how many of them for a GiB."""

    gib: tuple[int, int]
    iops: tuple[int, int] | None = None
    per_gib: int = 0
    has_throughput: bool = False
    can_be_root: bool = True


RULES = {
    "gp3": _VolumeRule(gib=(1, 65536), iops=(3000, 80000), per_gib=500, has_throughput=True),
    "gp2": _VolumeRule(gib=(1, 16384)),
    "io1": _VolumeRule(gib=(4, 16384), iops=(100, 64000), per_gib=50),
    "io2": _VolumeRule(gib=(4, 65536), iops=(100, 256000), per_gib=1000),
    "st1": _VolumeRule(gib=(125, 16384), can_be_root=False),
    "sc1": _VolumeRule(gib=(125, 16384), can_be_root=False),
    "standard": _VolumeRule(gib=(1, 1024)),
}
"""The widest limits that AWS documents; AWS itself reports narrower ones of a region."""


def check(volume: Volume) -> Iterator[Finding]:
    """Everything that EBS would refuse of it; nothing of a type that is not in RULES."""
    rule = RULES.get(volume.type)
    if rule is None:
        return
    if volume.is_root and not rule.can_be_root:
        yield _finding(volume, "cannot be a root disk", "A VM cannot boot from a volume of this type.")
    least, most = rule.gib
    if not least <= volume.gib <= most:
        yield _finding(volume, f"has {volume.gib} GiB", f"EBS allows {least} to {most} GiB for this type.")
    yield from _check_iops(volume, rule)
    yield from _check_throughput(volume, rule)


def _check_iops(volume: Volume, rule: _VolumeRule) -> Iterator[Finding]:
    if volume.iops is None:
        return
    if rule.iops is None:
        yield _finding(volume, f"has {volume.iops} IOPS", "EBS allows no `iops` for this type.")
        return
    least, most = rule.iops
    if not least <= volume.iops <= most:
        yield _finding(volume, f"has {volume.iops} IOPS", f"EBS allows {least} to {most} for this type.")
    elif volume.iops > max(least, volume.gib * rule.per_gib):
        limit = f"EBS allows {rule.per_gib} for each GiB of this type: {volume.gib * rule.per_gib}."
        yield _finding(volume, f"has {volume.iops} IOPS with {volume.gib} GiB", limit)


def _check_throughput(volume: Volume, rule: _VolumeRule) -> Iterator[Finding]:
    if volume.throughput is None:
        return
    asks = f"has a throughput of {volume.throughput} MiB/s"
    if not rule.has_throughput:
        yield _finding(volume, asks, "EBS allows `throughput` only for gp3.")
    elif not _LEAST_THROUGHPUT <= volume.throughput <= _MOST_THROUGHPUT:
        yield _finding(volume, asks, f"EBS allows {_LEAST_THROUGHPUT} to {_MOST_THROUGHPUT} MiB/s.")
    elif volume.throughput * 4 > (volume.iops or 3000):
        yield _finding(volume, asks, f"With {volume.iops or 3000} IOPS, EBS takes {(volume.iops or 3000) // 4} MiB/s.")


def _finding(volume: Volume, what: str, why: str) -> Finding:
    return Finding(
        code="volume-setting-invalid",
        what=f"A disk of type '{volume.type}' {what}.",
        why=why,
        fix="Correct size, `type`, `iops` or `throughput` of the disk in the cloud config.",
    )
