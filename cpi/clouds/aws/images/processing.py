"""Snapshots and images that AWS is still processing, as text that outlives the process. Pure.

Takes CIDs, gives Pending; takes a handle, gives its kind and CID.
"""

from cpi.contract.long_running import Pending

SNAPSHOT, IMAGE = "snapshot", "image"
_LOOK_S = 2.0
_LIMIT_S = 86400.0
"""Of the whole upload, most of which is the transfer; AWS takes minutes for the rest."""


class Processing(Exception):
    """Raised inside the plugin where an upload can go no further before AWS finished; never leaves it."""

    def __init__(self, pending: Pending) -> None:
        super().__init__(pending.text)
        self.pending = pending


def pending_of(kind: str, cid: str) -> Pending:
    """AWS is processing it."""
    return Pending(handle=f"{kind} {cid}", after_s=_LOOK_S, text=f"AWS: processing {kind} {cid}", limit_s=_LIMIT_S)


def read_handle(handle: str) -> tuple[str, str]:
    """The kind and the CID."""
    kind, _, cid = handle.partition(" ")
    return kind, cid
