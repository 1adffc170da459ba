"""Disks against what a cloud takes: sizes, types, and what their types let one choose. Pure.

Takes volumes to come and the rules of their types, gives findings.
"""

from collections.abc import Iterable, Iterator, Mapping

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from cpi.kit.judge.known_names import unknown_name

_MIB_OF_GIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume to come, or one that is there; `throughput` in MiB/s; None: the cloud's default.

    `gib` 0 is as large as its image.
    """

    type: str
    gib: int
    iops: int | None = None
    throughput: int | None = None
    is_root: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRule:
    """What a type takes: `gib`, `iops` and `throughput` are the least and the most.

    `iops` and `throughput` None: no such setting. `per_gib` is how many IOPS for a GiB, 0 for any number;
    `usual_iops` are those of a volume that names none, 0 where it must name them.
    """

    gib: tuple[int, int] | None = None
    iops: tuple[int, int] | None = None
    throughput: tuple[int, int] | None = None
    per_gib: int = 0
    usual_iops: int = 1
    iops_per_mib: int = 0
    can_be_root: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeTypes:
    """Who offers them ("EBS"), the rules of its types, and the setting that names one."""

    where: str
    rules: Mapping[str, VolumeRule]
    setting: str


def whole_gib(size_mib: int, *, cloud: str, most_gib: int | None = None) -> int:
    """Whole GiB that hold a disk. Raises CloudError, code disk-size-invalid."""
    require_disk_size(size_mib, cloud=cloud, most_mib=None if most_gib is None else most_gib * _MIB_OF_GIB)
    return -(-size_mib // _MIB_OF_GIB)


def require_disk_size(size_mib: int, *, cloud: str, most_mib: int | None) -> None:
    """Raises CloudError, code disk-size-invalid."""
    if size_mib <= 0 or (most_mib is not None and size_mib > most_mib):
        most = "" if most_mib is None else f", of at most {most_mib // _MIB_OF_GIB} GiB"
        raise CloudError(
            "disk-size-invalid",
            f"{cloud} does not support a disk of {size_mib} MiB.",
            why=f"A disk has a positive size{most}.",
            fix="Correct the disk's size in the manifest or cloud config.",
        )


def volumes(wanted: Iterable[Volume], types: VolumeTypes) -> Iterator[Finding]:
    """Types that there are not, and settings that a type does not take."""
    for volume in dict.fromkeys(wanted):
        rule = types.rules.get(volume.type)
        if rule is None:
            yield unknown_name("volume type", volume.type, types.rules, where=types.where, setting=types.setting)
        else:
            yield from _of_one(volume, rule, where=types.where)


def _of_one(volume: Volume, rule: VolumeRule, *, where: str) -> Iterator[Finding]:
    if volume.is_root and not rule.can_be_root:
        yield _finding(volume, "cannot be a root disk", "A VM cannot boot from a volume of this type.")
    if rule.gib and volume.gib and not rule.gib[0] <= volume.gib <= rule.gib[1]:
        takes = f"{where} allows {rule.gib[0]} to {rule.gib[1]} GiB of this type."
        yield _finding(volume, f"has {volume.gib} GiB", takes)
    yield from _iops(volume, rule, where=where)
    yield from _throughput(volume, rule, where=where)


def _iops(volume: Volume, rule: VolumeRule, *, where: str) -> Iterator[Finding]:
    if volume.iops is None:
        if not rule.usual_iops:
            yield Finding(
                code="volume-iops-missing",
                what=f"A disk of type '{volume.type}' sets no iops.",
                why=f"{where} requires IOPS for this type.",
                fix="Write `iops` beside the type in the cloud config, or take another type.",
                written_names=(volume.type,),
            )
        return
    asks = f"asks for {volume.iops} IOPS"
    if rule.iops is None:
        yield _finding(volume, asks, f"{where} has no IOPS setting for this type.")
        return
    least, most = rule.iops
    if not least <= volume.iops <= most:
        yield _finding(volume, asks, f"{where} allows {least} to {most} for this type.")
    elif rule.per_gib and volume.iops > max(least, volume.gib * rule.per_gib):
        takes = f"{where} allows {rule.per_gib} for each GiB of this type: {volume.gib * rule.per_gib}."
        yield _finding(volume, f"{asks} with {volume.gib} GiB", takes)


def _throughput(volume: Volume, rule: VolumeRule, *, where: str) -> Iterator[Finding]:
    if volume.throughput is None:
        return
    asks, iops = f"asks for a throughput of {volume.throughput} MiB/s", volume.iops or rule.usual_iops
    if rule.throughput is None:
        yield _finding(volume, asks, f"{where} has no throughput setting for this type.")
    elif not rule.throughput[0] <= volume.throughput <= rule.throughput[1]:
        yield _finding(volume, asks, f"{where} allows {rule.throughput[0]} to {rule.throughput[1]} MiB/s.")
    elif volume.throughput * rule.iops_per_mib > iops:
        yield _finding(volume, asks, f"With {iops} IOPS, {where} allows {iops // rule.iops_per_mib} MiB/s.")


def _finding(volume: Volume, what: str, why: str) -> Finding:
    return Finding(
        code="volume-setting-invalid",
        what=f"A disk of type '{volume.type}' {what}.",
        why=why,
        fix="Correct the disk's size, type, IOPS or throughput in the cloud config.",
        written_names=(volume.type,),
    )
