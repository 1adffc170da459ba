"""The stand-in is held to the recorded answers of the real Azure: status, and the headers that a client acts on."""

import json
import math
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.support.azure.kinds import KINDS
from tests.support.azure.login import USER, Token
from tests.support.azure.stand_in import StandIn, azure_stand_in

RECORDINGS = Path(__file__).parents[4] / "shared" / "clouds" / "azure-recordings"
ZERO = "00000000-0000-0000-0000-000000000000"
HEADERS = ("azure-asyncoperation", "location")
SCENARIOS: Mapping[str, int] = {
    "disk-lifecycle": 4,
    "image-lifecycle": 4,
    "nsg-lifecycle": 4,
    "public-ip-lifecycle": 4,
    "resource-group-lifecycle": 2,
    "snapshot-lifecycle": 4,
    "vm-lifecycle": 6,
    "vnet-then-subnet": 4,
}
"""Scenarios, and how many of their changes must have been compared at least: a replay of nothing proves nothing."""

_HEADERS = {"Authorization": "Bearer replay", "Content-Type": "application/json"}
_TOLERATED = {
    ("networkInterfaces", "azure-asyncoperation"): "a NIC's PUT is recorded both with and without it",
}


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_recorded_scenario_is_answered_as_azure_did(name: str, tmp_path: Path) -> None:
    exchanges = json.loads((RECORDINGS / f"{name}.json").read_text())["exchanges"]
    with azure_stand_in(tmp_path) as azure:
        azure.login.tokens["replay"] = Token(audience=azure.arm_url, object_id=USER, ends_s=math.inf)
        azure.place.region.looks = 0
        region = azure.place.region
        region.images["Canonical", "UbuntuServer", "18.04-lts"] = {"18.04.1": "x64"}
        region.images["Canonical", "UbuntuServer", "18.04-LTS"] = {"18.04.1": "x64"}
        compared = [found for exchange in exchanges if (found := _compare(azure, exchange)) is not None]
    assert [wrong for wrong in compared if wrong] == []
    assert len(compared) >= SCENARIOS[name]


def _compare(azure: StandIn, exchange: dict[str, Any]) -> str | None:
    """The difference as text; "" without one; None for a poll, or a kind that is not replayed."""
    asked, recorded = exchange["request"], exchange["response"]
    url = urlsplit(asked["url"])
    if not _is_played(url.path) or asked["method"] not in ("PUT", "DELETE", "GET", "HEAD", "PATCH"):
        return None
    status, headers, has_body = _send(
        azure, asked["method"], f"{azure.arm_url}{url.path}?{url.query}", asked.get("body")
    )
    words = f"{asked['method']} {url.path.split('/providers/')[-1]}"
    if asked["method"] == "GET":
        return None if status == recorded["status"] else f"{words}: {status}, Azure {recorded['status']}"
    if status != recorded["status"]:
        return f"{words}: {status}, Azure {recorded['status']}"
    if has_body != bool(recorded.get("body")):
        return f"{words}: {'a body' if has_body else 'no body'}, unlike Azure"
    kind = url.path.rstrip("/").split("/")[-2]
    own = {name for name in HEADERS if name in headers}
    real = {name for name in HEADERS if name in {key.lower() for key in recorded["headers"]}}
    wrong = {name for name in own ^ real if (kind, name) not in _TOLERATED}
    return f"{words}: headers {sorted(own)}, Azure {sorted(real)}" if wrong else ""


def _is_played(path: str) -> bool:
    if re.fullmatch(r"/subscriptions/[^/]+/resourceGroups/[^/]+", path, re.IGNORECASE):
        return True
    found = re.fullmatch(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/([^/]+)/(.+)", path, re.IGNORECASE)
    if not found:
        return False
    words = found[2].split("/")
    return "/".join([found[1], *words[0::2]]).lower() in KINDS and len(words) % 2 == 0


def _send(azure: StandIn, method: str, url: str, body: Any) -> tuple[int, set[str], bool]:
    """Status, names of headers, and whether there is a body."""
    data = None
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body)
        data = re.sub(r'"location": ?"[a-zA-Z0-9 ]+"', '"location": "westeurope"', text).encode()
    request = Request(url, data=data, method=method, headers=_HEADERS)
    context = ssl.create_default_context(cafile=azure.ca)
    try:
        with urlopen(request, context=context) as answer:
            return answer.status, {name.lower() for name in answer.headers}, bool(answer.read())
    except HTTPError as error:
        with error:
            return error.code, {name.lower() for name in error.headers}, bool(error.read())
