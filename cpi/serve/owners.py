"""Whose the things are that a director makes through us: CPI v2 has no owner key, so one is derived.

Takes a request, gives an OwnerKey. A VM's action is its agent id, which a director never uses twice. For anything
else it is a digest of the call and its request id, if that id is long enough to be unique; a BOSH director draws `cpi-`
and six random digits, so there a random word is added. compleat's director writes the owner key itself into the request
id.
"""

import hashlib
import json
import re
import uuid

from cpi.contract.protocol.envelope import Request
from cpi.contract.values import OwnerKey, deployment_of

_OWN = re.compile(r"cpi-([^/]+)/([^/]*)/([^/].*)")
_DRAWN = re.compile(r"(cpi-)?\d{0,12}")


def derive_owner(request: Request, environment: str) -> OwnerKey:
    """The owner key of the call's resource.

    Twice gives the same for VMs, and for everything else except random request ids.
    """
    written = _OWN.fullmatch(request.request_id)
    if written:
        return OwnerKey(environment=written[1], deployment=deployment_of(written[2]), action=written[3])
    director = request.context.get("director_uuid")
    deployment = director if isinstance(director, str) else ""
    return OwnerKey(environment=environment, deployment=deployment_of(deployment), action=_action(request))


def _action(request: Request) -> str:
    if request.method == "create_vm":
        return str(request.arguments[0])
    call = json.dumps([request.request_id, request.method, list(request.arguments)], sort_keys=True)
    seed = uuid.uuid4().hex if _DRAWN.fullmatch(request.request_id) else ""
    return hashlib.sha256((call + seed).encode()).hexdigest()[:32]
