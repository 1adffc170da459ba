"""The operations of Microsoft's management packages, as the tables of our clients list them, and how one is called.

Takes an operation, names and a body, gives the answer as Azure sent it: no poller of the packages runs, and no answer
passes through their models, except the entries of lists.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from azure.core.polling import PollingMethod

from cpi.clouds.azure.wire import refusals
from cpi.clouds.azure.wire.pipeline import Answer, Credential
from cpi.contract.value_classes import dataclass

Operation = Callable[..., Any]
Table = Mapping[tuple[str, str], Operation]
"""By verb (get, list, list all, list at once, put, patch, post, delete) and kind of resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """What every client is made with."""

    credential: Credential
    subscription: str
    base_url: str
    policies: list[Any]
    transport: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One package's operations. Some packages take the API version with each call, others for all calls."""

    table: Table
    takes_version: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundOperation:
    """An operation with the names that it is for."""

    operation: Operation
    names: tuple[str, ...]
    options: Mapping[str, str]

    def call(self, *body: Any, **query: str) -> Answer:
        """Send it once; the answer as Azure sent it."""
        options: dict[str, Any] = {"cls": _sent, **self.options, **query}
        return Answer.of(self.operation(*self.names, *body, **options).http_response)

    def entries(self, **query: str) -> Iterator[Any]:
        """The listed resources; a page is requested when its first entry is needed. Raises CloudError: list-endless."""
        pages = self.operation(*self.names, cls=_plain, **self.options, **query).by_page()
        for number, page in enumerate(pages):
            if number == refusals.MOST_PAGES:
                raise refusals.endless(", ".join(self.names))
            yield from page


class _Unwatched(PollingMethod[Any]):
    """No poller: the first answer is the result, and the caller watches the operation."""

    def initialize(self, _client: Any, initial_response: Any, _deserialization_callback: Any) -> None:
        self._first = initial_response

    def run(self) -> None:
        """Never called: `finished` is true from the start, and no thread begins."""

    def status(self) -> str:
        return "Unwatched"

    def finished(self) -> bool:
        return True

    def resource(self) -> Any:
        return self._first


def long_running(operation: Operation) -> Operation:
    """The operation without its poller."""

    def begin(*names: Any, **options: Any) -> Any:
        return operation(*names, polling=_Unwatched(), **options).result()

    return begin


def _sent(response: Any, _model: Any, _headers: Any) -> Any:
    return response


def _plain(models: Iterable[Any]) -> list[Any]:
    return [one.as_dict() for one in models]
