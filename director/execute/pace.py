"""How fast a family of calls may leave, slowed by throttling and quickened by success. Pure.

Takes works and what became of them, gives the earliest time of the next call.
"""

from dataclasses import dataclass, replace

from director.model import work as works

_SLOWEST_S = 8.0
_FIRST_GAP_S = 0.1
_SMALLEST_GAP_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`gap_s` seconds between calls; nothing leaves before `next_at`."""

    gap_s: float = 0.0
    next_at: float = 0.0


def after_start(pace: Pace, now: float) -> Pace:
    """A call left."""
    return replace(pace, next_at=max(pace.next_at, now + pace.gap_s))


def after_throttle(pace: Pace) -> Pace:
    """The cloud asked for patience: twice the gap."""
    return replace(pace, gap_s=min(_SLOWEST_S, max(_FIRST_GAP_S, pace.gap_s * 2)))


def after_success(pace: Pace) -> Pace:
    """A call went through: half the gap, at last none."""
    gap_s = pace.gap_s / 2
    return replace(pace, gap_s=gap_s if gap_s >= _SMALLEST_GAP_S else 0.0)


def family_of(work: works.Work) -> str:
    """The cloud's API family the work calls, "" for what calls no cloud. Throttling is per family."""
    match work:
        case works.CreateVm(cloud=cloud) | works.DeleteVm(cloud=cloud):
            return f"{cloud}/compute"
        case works.CreateDisk(cloud=cloud) | works.DeleteDisk(cloud=cloud) | works.DeleteSnapshot(cloud=cloud):
            return f"{cloud}/disk"
        case works.CreateLandingResource(cloud=cloud) | works.DeleteLandingResource(cloud=cloud):
            return f"{cloud}/network"
        case works.CreateStemcell(cloud=cloud) | works.DeleteStemcell(cloud=cloud):
            return f"{cloud}/image"
        case works.AttachDisk() | works.DetachDisk() | works.ResizeDisk() | works.OrphanDisk() | works.SetVmMetadata():
            return "attach"
        case _:
            return ""
