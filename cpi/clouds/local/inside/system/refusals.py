"""Refusals that more than one part of the cloud has to give.

Takes what was seen, gives errors.
"""

import errno

from cpi.contract.errors import CloudError, NoCapacityError, TransientError

_FULL = tuple(f"[Errno {number}]" for number in (errno.ENOSPC, errno.EDQUOT))


def disk_full(why: str) -> CloudError:
    """The disk of the state has no room."""
    return NoCapacityError(
        "disk-full",
        "The disk that holds the local cloud's state is full.",
        why=why,
        fix="Free some space, or name a directory on another disk as state_root in the cloud's properties.",
    )


def did_not_start(cid: str, last_words: str) -> CloudError:
    """A VM's first process ended before it stood."""
    if any(number in last_words for number in _FULL):
        return disk_full(last_words)
    return TransientError(
        "vm-did-not-start",
        f"VM {cid} ended during its start.",
        why=last_words,
        fix="Run `compleat doctor`; if it finds no problem, run the command again.",
    )
