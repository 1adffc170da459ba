"""Errors that explain themselves: what is wrong, why we say so, what to do now.

Takes words, gives exceptions. The director's own errors grow from `ExplainedError` too.
"""

from enum import Enum
from typing import Self


class Retry(Enum):
    """Whether the same call may be sent again."""

    NEVER = "never"
    SAFE = "safe"  # nothing happened
    UNKNOWN = "unknown"  # maybe it did: find first


class ExplainedError(Exception):
    """`code` is kebab-case and unique; `where` is `file:line:column` if someone wrote it, else "".

    `cloud` is the name of the cloud whose plugin raised it, set at the plugin's door; "" where no cloud did.
    `property_path` ("root_disk.size") and `written_names` are the cloud property and the names and addresses that it is
    about, as documents have them: the director looks up where the first that it finds stands.
    """

    def __init__(self, code: str, what: str, *, why: str = "", fix: str = "", where: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.fix = fix
        self.where = where
        self.cloud = ""
        self.property_path = ""
        self.written_names: tuple[str, ...] = ()
        self.doing: tuple[str, ...] = ()

    def while_(self, gerund: str) -> "ExplainedError":
        """Add what was being done, outermost last: "creating VM for web/0"."""
        self.doing = (*self.doing, gerund)
        return self

    def about(self, *names: str) -> Self:
        """Say which written names it is about."""
        self.written_names = names
        return self

    def __str__(self) -> str:
        return f"{self.code}: {self.what}"


class CloudError(ExplainedError):
    """A cloud refused or failed. `retry` says if the same call may be sent again."""

    retry: Retry = Retry.NEVER


class NotFoundError(CloudError):
    """The thing asked about does not exist (deleting it would have been a success)."""


class ConflictError(CloudError):
    """The thing is there already, or in use, in another shape than asked for."""


class NoCapacityError(CloudError):
    """No capacity, quota or disk space; asking again blindly does not help."""


class DeniedError(CloudError):
    """Credentials or permissions do not suffice."""


class ThrottledError(CloudError):
    """Too many calls; `after_s` seconds should pass first. Nothing happened."""

    retry = Retry.SAFE

    def __init__(
        self, code: str, what: str, *, why: str = "", fix: str = "", where: str = "", after_s: float = 1.0
    ) -> None:
        super().__init__(code, what, why=why, fix=fix, where=where)
        self.after_s = after_s


class TransientError(CloudError):
    """The call failed and changed nothing; it may go through later."""

    retry = Retry.SAFE


class LostReplyError(CloudError):
    """The call was sent and no answer came: it may have happened."""

    retry = Retry.UNKNOWN


class NotSupportedError(CloudError):
    """This cloud cannot do that at all."""
