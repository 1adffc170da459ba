"""What every room of the stand-in has at hand, and one change as it passes through them.

Takes nothing, gives two values.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tests.support.azure.catalogue import Region
from tests.support.azure.observer import NoObserver, Observer
from tests.support.azure.store import Held, Json, Store


class AccountBlobs(Protocol):
    """What serves the blobs of storage accounts, by an account's name."""

    def open(self, account: str, key: str) -> str:
        """The account's address; twice is once."""

    def close(self, account: str) -> None:
        """Lose its blobs; without any, that is success."""

    def make_container(self, account: str, name: str) -> bool:
        """Whether it was not there before."""

    def drop_container(self, account: str, name: str) -> None:
        """Lose it with its blobs."""


@dataclass(slots=True, kw_only=True)
class Place:
    """`later` is done after the call that is being answered, outside the store's lock; `asking` is whose call it is."""

    store: Store = field(default_factory=Store)
    region: Region = field(default_factory=Region)
    observer: Observer = field(default_factory=NoObserver)
    pages: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """What was written into a disk that is being uploaded, by its id and where."""
    blob_url: str = ""
    blobs: AccountBlobs | None = None
    """None: Azurite is not installed, and accounts take no keys."""
    containers: dict[str, list[str]] = field(default_factory=dict)
    """The containers of storage accounts, by the accounts' ids in small letters."""
    later: list[Callable[[], None]] = field(default_factory=list)
    asking: str = ""


@dataclass(slots=True, kw_only=True)
class Change:
    """A resource about to be kept: rooms check and fill `body`. `after` is done when its operation ends."""

    id: str
    scope: str
    name: str
    body: Json
    old: Held | None
    hidden: Json = field(default_factory=dict)
    after: list[Callable[[], None]] = field(default_factory=list)
