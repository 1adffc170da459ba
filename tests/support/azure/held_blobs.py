"""The blobs of storage accounts without Azurite and without sockets, for worlds in memory.

Takes requests as azure-core's transport sends them, answers like the blob service; reads a blob as a VM would.
"""

import base64
import calendar
import hmac
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from cpi.clouds.azure.wire import signatures
from tests.support.azure.answers import Reply, Request
from tests.support.azure.faults import Rule

BASE = "https://blobs.stand-in/"


@dataclass(slots=True, kw_only=True)
class _Account:
    key: str
    containers: dict[str, dict[str, bytes]] = field(default_factory=dict)


@dataclass(slots=True)
class HeldBlobs:
    """Those of all accounts. Implements AccountBlobs."""

    accounts: dict[str, _Account] = field(default_factory=dict)

    def open(self, account: str, key: str) -> str:
        self.accounts.setdefault(account, _Account(key=key))
        return f"{BASE}{account}/"

    def close(self, account: str) -> None:
        self.accounts.pop(account, None)

    def make_container(self, account: str, name: str) -> bool:
        containers = self.accounts[account].containers
        is_new = name not in containers
        containers.setdefault(name, {})
        return is_new

    def drop_container(self, account: str, name: str) -> None:
        self.accounts[account].containers.pop(name, None)

    def answer(self, request: Request, _rule: Rule | None) -> Reply:
        """HEAD, PUT or GET of one blob whose URL is signed for that."""
        account_name, container, name = request.path.strip("/").split("/", 2)
        account = self.accounts.get(account_name)
        if account is None or not _is_signed(account_name, account.key, name, request):
            return _refused(403, "AuthenticationFailed")
        blobs = account.containers.get(container)
        if blobs is None:
            return _refused(404, "ContainerNotFound")
        if request.method == "PUT":
            if len(request.body) != int(request.headers["content-length"]):
                return _refused(400, "IncompleteBody")
            blobs[name] = request.body
            return Reply(status=201)
        if name not in blobs:
            return _refused(404, "BlobNotFound")
        length = {"Content-Length": str(len(blobs[name]))}
        return Reply(status=200, headers=length, body=None if request.method == "HEAD" else blobs[name])

    def get(self, url: str) -> bytes | None:
        """What a VM gets there; None where it is refused."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        request = Request(method="GET", path=parts.path, query=query, headers={}, body=None, base=BASE)
        found = self.answer(request, None)
        return found.body if found.status == 200 else None


def _is_signed(account: str, key: str, blob: str, request: Request) -> bool:
    """Whether it was signed with the account's key for this blob and method. Azurite checks how that is to be done."""
    query = request.query
    if query.get("sp") != (signatures.WRITE if request.method in ("PUT", "HEAD") else signatures.READ):
        return False
    own = signatures.StorageAccount(name=account, endpoint=f"{BASE}{account}", key=base64.b64decode(key))
    made = signatures.sign(own, blob, permissions=query["sp"], end_s=_seconds(query["se"]))
    return hmac.compare_digest(dict(parse_qsl(urlsplit(made).query))["sig"], query["sig"])


def _seconds(end: str) -> float:
    return calendar.timegm(time.strptime(end, "%Y-%m-%dT%H:%M:%SZ"))


def _refused(status: int, code: str) -> Reply:
    return Reply(status=status, body={"error": {"code": code, "message": "No."}}, headers={"x-ms-error-code": code})
