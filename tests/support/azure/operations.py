"""Long-running operations: their headers, and the looks until they end.

Takes the place and a change under way, gives replies.
"""

from collections.abc import Callable

from tests.support.azure import listing
from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Act, Rule
from tests.support.azure.place import Place
from tests.support.azure.store import Held, Json, Operation, name_of

RETRY_MS = "1"


class Operations:
    def __init__(self, place: Place) -> None:
        self._place = place
        self.after: dict[str, list[Callable[[], None]]] = {}

    def begin(self, held: Held, rule: Rule | None, finish: Callable[[], Json | None]) -> Operation:
        """Start one on a resource, as a rule wishes it to end."""
        left: int | None = self._place.region.looks
        if rule and rule.act is Act.STUCK:
            left = None
        operation = self._place.store.begin(finish, left=left)
        if rule and rule.act is Act.FAILED:
            operation.error = rule.answer()["error"]
        held.operation = operation.id
        return operation

    def headers(self, request: Request, operation: Operation, which: str) -> dict[str, str]:
        """Where to look; `which` holds A and L."""
        subscription = "/".join(request.path.split("/")[:3])
        space = (
            request.path.split("/providers/")[-1].split("/")[0]
            if "/providers/" in request.path
            else "Microsoft.Resources"
        )
        root = f"{listing.base_with_port(request)}{subscription}/providers/{space}/locations/westeurope"
        tail = f"{operation.id}?api-version={request.query.get('api-version', '')}&t=1&s=opaque"
        headers = {"x-ms-retry-after-ms": RETRY_MS, "Retry-After": "1"} if which else {}
        if "A" in which:
            headers["Azure-AsyncOperation"] = f"{root}/operations/{tail}"
        if "L" in which:
            headers["Location"] = f"{root}/operationResults/{tail}"
        return headers

    def answer(self, request: Request) -> Reply | None:
        """A look at an operation; None: the path is none."""
        words = request.path.lower().split("/")
        if len(words) < 2 or words[-2] not in ("operations", "operationresults"):
            return None
        operation = self._place.store.operations.get(name_of(request.path))
        if operation is None:
            return Reply(status=404, body={"error": {"code": "NotFound", "message": "The operation is not found."}})
        self._look(operation)
        if words[-2] == "operations":
            return self._status(operation)
        return self._result(request, operation)

    def settle(self, held: Held | None) -> None:
        """Whatever is under way on a resource is over, as after a while; a stuck one stays."""
        operation = self._place.store.operations.get(held.operation) if held else None
        if operation and operation.left is not None:
            self._end(operation)

    def is_stuck(self, held: Held | None) -> bool:
        """Whether something under way there never ends."""
        operation = self._place.store.operations.get(held.operation) if held else None
        return operation is not None and operation.left is None

    def _look(self, operation: Operation) -> None:
        if operation.left is None or operation.is_ended:
            return
        operation.left -= 1
        if operation.left <= 0:
            self._end(operation)

    def _end(self, operation: Operation) -> None:
        if operation.is_ended:
            return
        operation.is_ended = True
        operation.result = operation.finish()
        if operation.error is None:
            self._place.later += self.after.pop(operation.id, [])

    def _status(self, operation: Operation) -> Reply:
        body: Json = {"name": operation.id, "startTime": "2024-01-01T00:00:00Z", "status": "InProgress"}
        if operation.is_ended:
            body |= {"status": "Failed" if operation.error else "Succeeded", "endTime": "2024-01-01T00:00:10Z"}
            if operation.error:
                body["error"] = operation.error
            elif "accessSAS" in (operation.result or {}):
                body["properties"] = {"output": operation.result}
            return Reply(status=200, body=body)
        return Reply(status=200, body=body, headers={"x-ms-retry-after-ms": RETRY_MS, "Retry-After": "1"})

    def _result(self, request: Request, operation: Operation) -> Reply:
        if not operation.is_ended:
            version = request.query.get("api-version", "")
            here = f"{listing.base_with_port(request)}{request.path}?api-version={version}&t=1&s=opaque"
            return Reply(status=202, headers={"Location": here, "x-ms-retry-after-ms": RETRY_MS, "Retry-After": "1"})
        if operation.error:
            return Reply(status=409, body={"error": operation.error})
        if operation.result is not None:
            return Reply(status=200, body=operation.result)
        return Reply(status=204 if "microsoft.compute" not in request.path.lower() else 200)
