"""Lists as Azure gives them: fifty entries a page, and a link with an explicit port to the next.

Takes a request and bodies, gives a reply; refuses what Microsoft's descriptions do not allow.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from tests.support.azure.answers import Reply, Request
from tests.support.azure.store import Held, Json, Refusal

PAGE = 50


def page(request: Request, found: Sequence[Held], show: Callable[[Held], Json]) -> Reply:
    """The requested page."""
    _check_expand(request)
    skip = int(request.query.get("$skiptoken", "0"))
    body: Json = {"value": [show(one) for one in found[skip : skip + PAGE]]}
    if skip + PAGE < len(found):
        kept = "".join(f"{name}={value}&" for name, value in request.query.items() if name != "$skiptoken")
        body["nextLink"] = f"{base_with_port(request)}{request.path}?{kept}$skiptoken={skip + PAGE}"
    return Reply(status=200, body=body)


def base_with_port(request: Request) -> str:
    """The server's address as Azure's Compute writes it into links: https://management.azure.com:443."""
    return request.base if urlsplit(request.base).port else f"{request.base}:443"


def _check_expand(request: Request) -> None:
    """Source: virtualMachine.json, 2024-03-01: "this can only be specified if a valid $filter option is specified"."""
    if "$expand" in request.query and "$filter" not in request.query:
        raise Refusal(400, "BadRequest", "The $expand option of a list can only be specified with a valid $filter.")
