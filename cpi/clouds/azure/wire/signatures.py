"""Shared access signatures for single blobs and their container, made with a storage account's key. Pure.

Takes an account, a blob's name and a time, gives a URL: a secret while it is valid.
Source: learn.microsoft.com, "Create a service SAS" (version 2020-12-06 and later).
"""

import base64
import hashlib
import hmac
import time
from dataclasses import field
from urllib.parse import quote, urlencode

from cpi.contract.value_classes import dataclass

VERSION = "2021-08-06"
"""Of the blob service: the first in which a blob of 5,000 MiB goes in one piece is of 2019."""
CONTAINER = "blobs"
READ, WRITE, DELETE, LIST = "r", "rcw", "d", "l"
"""What a URL is good for; who writes looks first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageAccount:
    """`endpoint` is the blob service's own address, as Azure told it; `key` opens everything in the account."""

    name: str
    endpoint: str
    key: bytes = field(repr=False)


def sign(account: StorageAccount, blob: str, *, permissions: str, end_s: float) -> str:
    """The blob's URL, valid at once and until `end_s` (seconds since 1970).

    It names no start: one would only be compared with a clock that is not ours.
    """
    return _signed(account, f"{CONTAINER}/{blob}", resource="b", permissions=permissions, end_s=end_s)


def sign_container(account: StorageAccount, *, permissions: str, end_s: float) -> str:
    """The container's URL, for what concerns all blobs in it."""
    return _signed(account, CONTAINER, resource="c", permissions=permissions, end_s=end_s)


def _signed(account: StorageAccount, path: str, *, resource: str, permissions: str, end_s: float) -> str:
    endpoint = account.endpoint.rstrip("/")
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end_s))
    protocol = "https" if endpoint.startswith("https:") else "https,http"
    # Empty: start, policy and address before, snapshot, encryption scope and the five headers of the answer after.
    place = f"/blob/{account.name}/{path}"
    signed = [permissions, "", end, place, "", "", protocol, VERSION, resource, "", "", "", "", "", "", ""]
    digest = hmac.new(account.key, "\n".join(signed).encode(), hashlib.sha256).digest()
    words = {
        "sp": permissions,
        "se": end,
        "spr": protocol,
        "sv": VERSION,
        "sr": resource,
        "sig": base64.b64encode(digest).decode(),
    }
    return f"{endpoint}/{quote(path)}?{urlencode(words)}"
