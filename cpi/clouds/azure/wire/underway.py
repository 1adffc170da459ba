"""Operations that Azure accepted and is carrying out, as text that outlives the process. Pure.

Takes an answer, gives the operation behind it; takes an operation, gives a handle, and the other way round.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from cpi.contract import errors
from cpi.contract.errors import CloudError, Retry
from cpi.contract.value_classes import dataclass

PAUSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmOperation:
    """`url` "" is one that is looked at by making the call again; `is_status`: its answer is a status, not a result."""

    url: str
    doing: str
    is_status: bool = False
    after_s: float = PAUSE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An operation with what is to be done if it fails: `leftover` is what the create began, "" for nothing.

    `failure` is why it failed, while the operation is the deletion of what it left. `upload` is the stemcell whose
    upload it belongs to, "" for none.
    """

    operation: ArmOperation
    leftover: str = ""
    upload: str = ""
    failure: Mapping[str, str] | None = None


class Underway(Exception):
    """Raised inside the plugin where a call can go no further before an operation ends; never leaves it."""

    def __init__(self, operation: ArmOperation, *, leftover: str = "", upload: str = "") -> None:
        super().__init__(operation.doing)
        self.operation = operation
        self.leftover = leftover
        self.upload = upload


class CreationFailed(Exception):
    """Raised inside the plugin where a create was refused half-way; never leaves it."""

    def __init__(self, error: CloudError, leftover: str) -> None:
        super().__init__(error.what)
        self.error = error
        self.leftover = leftover


@contextmanager
def leaving(leftover: str) -> Iterator[None]:
    """Inside, a create makes what has to go again where the create fails."""
    try:
        yield
    except Underway as found:
        raise Underway(found.operation, leftover=leftover) from None
    except CloudError as error:
        if error.retry is not Retry.NEVER:
            raise
        raise CreationFailed(error, leftover) from error


@contextmanager
def uploading(name: str) -> Iterator[None]:
    """Inside, operations belong to the upload of a stemcell."""
    try:
        yield
    except Underway as found:
        raise Underway(found.operation, upload=name) from None


def write_handle(watched: Watched) -> str:
    """As text."""
    return json.dumps(asdict(watched))


def read_handle(handle: str) -> Watched:
    """From text of `write_handle`."""
    data: dict[str, Any] = json.loads(handle)
    return Watched(**{**data, "operation": ArmOperation(**data["operation"])})


def failed(watched: Watched, error: CloudError) -> Watched:
    """The same, to be raised when nothing is left of it."""
    words = {name: str(getattr(error, name)) for name in ("code", "what", "why", "fix")}
    return replace(watched, failure={"kind": type(error).__name__, **words})


def failure_of(watched: Watched) -> CloudError | None:
    """Why it failed; None: nothing has failed yet."""
    if watched.failure is None:
        return None
    kind = getattr(errors, watched.failure["kind"], CloudError)
    made: CloudError = kind(*(watched.failure[name] for name in ("code", "what")))
    made.why, made.fix = watched.failure["why"], watched.failure["fix"]
    return made
