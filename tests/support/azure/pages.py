"""Disks that are being uploaded: access granted and taken back, pages written under a signed URL.

Takes the place and requests, gives replies. A page must be whole, inside its disk, and have the stated MD5.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule
from tests.support.azure.place import Place
from tests.support.azure.store import Held, Json, Refusal

_PAGE = 512
_MOST = 4 << 20
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
SIGNATURE = "c2lnbmVk"


def change_access(place: Place, held: Held, action: str, body: Json) -> Json | None:
    """Grant it, with the URL to write to; or take it back."""
    properties = held.body["properties"]
    if action == "endgetaccess":
        properties["diskState"] = "Unattached"
        return None
    is_upload = properties["diskState"] == "ReadyToUpload" and body.get("access") == "Write"
    properties["diskState"] = "ActiveUpload" if is_upload else "ActiveSAS"
    place.pages.setdefault(held.id, {})
    return {"accessSAS": f"{place.blob_url}/{quote(held.id, safe='')}/abcd?sv=2018-03-28&sr=b&sig={SIGNATURE}"}


def check_source(place: Place, disk_id: str) -> None:
    """An image's disk is there, closed, and holds a VHD. "" is no disk: nothing to check."""
    disk = place.store.find(disk_id) if disk_id else None
    if not disk_id:
        return
    if disk is None:
        raise Refusal(404, "NotFound", f"Resource {disk_id} is not found.")
    data = disk.body["properties"].get("creationData", {})
    if data.get("createOption") != "Upload":
        return
    if disk.body["properties"]["diskState"] != "Unattached":
        raise Refusal(409, "OperationNotAllowed", f"The disk {disk_id} is being uploaded.")
    written = place.pages.get(disk.id, {})
    last = max(written, default=0)
    whole = last + len(written.get(last, b""))
    if whole != data["uploadSizeBytes"] or not written[last][-_PAGE:].startswith(b"conectix"):
        raise Refusal(400, "InvalidParameter", f"The disk {disk_id} holds no VHD.")


def answer(place: Place) -> Callable[[Request, Rule | None], Reply]:
    """The blob service."""

    def answer_one(request: Request, rule: Rule | None) -> Reply:
        with place.store.lock:
            return _write(place, request)

    return answer_one


def _write(place: Place, request: Request) -> Reply:
    disk = place.store.find(unquote(request.path.strip("/").rpartition("/")[0]))
    if request.query.get("sig") != SIGNATURE or disk is None or "authorization" in request.headers:
        return Reply(status=403, body="<Error><Code>AuthenticationFailed</Code></Error>")
    if disk.body["properties"]["diskState"] != "ActiveUpload" or request.query.get("comp") != "page":
        return Reply(status=403, body="<Error><Code>AuthorizationPermissionMismatch</Code></Error>")
    found = _RANGE.fullmatch(request.headers.get("x-ms-range", ""))
    first, last = (int(found[1]), int(found[2])) if found else (0, -1)
    size = disk.body["properties"]["creationData"]["uploadSizeBytes"]
    is_whole = first % _PAGE == 0 and len(request.body) % _PAGE == 0 and len(request.body) == last - first + 1
    if not is_whole or len(request.body) > _MOST or last >= size:
        return Reply(status=400, body="<Error><Code>InvalidPageRange</Code></Error>")
    if base64.b64encode(hashlib.md5(request.body).digest()).decode() != request.headers.get("content-md5"):
        return Reply(status=400, body="<Error><Code>Md5Mismatch</Code></Error>")
    place.pages.setdefault(disk.id, {})[first] = request.body
    return Reply(status=201)
