"""Sizes of disks that a cloud rounds up to whole GiB, as people wrote them.

Takes the size that a cloud reports and the one that was requested, gives the size to record.
"""

_GIB = 1024


def recorded_mib(reported_mib: int, requested_mib: int) -> int:
    """What was requested, if a disk of that request has the size that the cloud reports; else the reported size."""
    is_rounded = reported_mib % _GIB == 0 and 0 <= reported_mib - requested_mib < _GIB
    return requested_mib if is_rounded else reported_mib
