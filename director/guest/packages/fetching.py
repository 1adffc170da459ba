"""The subcommand fetch-blobs: blobs from object storage, by signed URLs. A process of its own, for `ssl` is heavy.

Takes a line of JSON, [{"digest", "size", "url", "ca"}]; prints {"digest", "why"} for each, "why" empty where it is here
now, and a line with a dot every few seconds while one comes. A URL is a secret: no message holds one.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, BinaryIO, Dict, List

from director.guest.failures import GuestError
from director.guest.layout import Layout, create_layout, layout_of
from director.guest.packages import blobs

_NO_DATA_S = 10.0
_SIGN_OF_LIFE_S = 5.0


def main(words: List[str]) -> int:
    """`words` is the subcommand alone: what to fetch is no argument, for anyone may read those."""
    os.umask(0o022)
    layout = layout_of(os.environ)
    create_layout(layout)
    silent: Dict[str, str] = {}
    for wanted in json.loads(sys.stdin.readline()):
        _print(json.dumps({"digest": wanted["digest"], "why": _why_not(layout, wanted, silent)}))
    return 0


def _why_not(layout: Layout, wanted: Dict[str, Any], silent: Dict[str, str]) -> str:
    """Fetch it unless it is here; gives why it is not here afterwards. Servers that were silent are not asked again."""
    host = urllib.parse.urlsplit(wanted["url"]).netloc
    if os.path.exists(blobs.blob_path(layout, wanted["digest"])):
        return ""
    if host in silent:
        return silent[host]
    try:
        _fetch(layout, wanted)
    except GuestError as error:
        return "%s %s" % (error.what, error.why)
    except urllib.error.HTTPError as error:
        return "HTTP %d %s" % (error.code, error.reason)
    except OSError as error:
        silent[host] = str(getattr(error, "reason", error)) or type(error).__name__
        return silent[host]
    except (ValueError, http.client.HTTPException) as error:  # their words quote the URL
        return type(error).__name__
    return ""


def _fetch(layout: Layout, wanted: Dict[str, Any]) -> None:
    context = ssl.create_default_context(cadata=wanted["ca"] or None)
    handlers = [urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(context=context)]
    with urllib.request.build_opener(*handlers).open(wanted["url"], timeout=_NO_DATA_S) as answer:
        blobs.save_blob(layout, _BoundedBody(answer, int(wanted["size"])), digest=wanted["digest"])


class _BoundedBody:
    """A stream that gives no more than was announced, and signs of life meanwhile."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._left = size
        self._reported_at = time.monotonic()

    def read(self, most: int) -> bytes:
        if time.monotonic() - self._reported_at > _SIGN_OF_LIFE_S:
            self._reported_at = time.monotonic()
            _print(".")
        data = self._stream.read(min(most, self._left))
        self._left -= len(data)
        return data


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
