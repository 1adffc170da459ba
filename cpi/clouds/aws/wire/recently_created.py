"""What this process made a moment ago and AWS may not have heard of yet: not found is "not yet" then, never "gone".

Takes CIDs, gives verdicts. Forgets a thing when AWS has once shown it, or when it is deleted.
"""

from cpi.contract.errors import CloudError, NotFoundError, TransientError

NOT_VISIBLE = "not-visible-yet"


class RecentlyCreated:
    """Sets of Python change in one step, so threads may share it."""

    def __init__(self) -> None:
        self._made: set[str] = set()

    def made(self, cid: str) -> None:
        """It exists, by AWS's own answer."""
        self._made.add(cid)

    def seen(self, cid: str) -> None:
        """AWS shows it, or it is deleted: what AWS says of it counts from now on."""
        self._made.discard(cid)

    def retry_if_new(self, error: CloudError, *cids: str) -> CloudError:
        """The error to raise for one that AWS gave about these."""
        unseen = [cid for cid in cids if cid in self._made]
        if not isinstance(error, NotFoundError) or not unseen:
            return error
        return TransientError(
            NOT_VISIBLE,
            f"AWS does not show '{unseen[0]}' yet.",
            why=f"It was created a moment ago, and AWS shows new resources with a delay. {error.why}",
            fix="No action needed: compleat retries.",
        )
