"""The verbs sync_dns and query_health: the environment's DNS records, as BOSH's agent keeps them, and who is well.

Takes records with a version, writes them where bosh-dns looks for them, and has a server answer by them; takes
addresses of instances, gives how each says that it is. Source: cloudfoundry/bosh-agent agent/action/sync_dns.go,
platform/linux_platform.go.
"""

from __future__ import annotations

import json
import os
from typing import Dict

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.dns import health_queries, server_process
from director.guest.guests import Guest
from director.guest.layout import create_directory
from director.guest.system import files
from director.guest.verbs import supervision

_ANSWER_S = 5.0


def sync_dns(guest: Guest, arguments: Arguments, call: VerbCall) -> str:
    """Records that are not newer than those here change nothing. Waits until the server answers, for some seconds."""
    layout = guest.layout
    records, key = server_process.records_file(layout), server_process.key_file(layout)
    with guest.changing:
        _write_key(key, arguments.text("health_key").encode())
        if arguments.number("version", 0) <= _version_of(records):
            return "synced"
        create_directory(layout, os.path.dirname(records), mode=0o755)
        content = json.dumps(arguments.child("records").raw, separators=(",", ":")).encode()
        files.write_file(records, content, mode=0o640, owner=layout.owner())
    supervision.ensure_supervisor(guest)
    if server_process.is_wanted(layout):
        supervision.wait_until(server_process.is_answering, timeout_s=_ANSWER_S)
    return "synced"


def query_health(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, str]:
    """The state of each instance that answers within about a second; none where this VM has no DNS server itself."""
    if not server_process.is_wanted(guest.layout):
        return {}
    key = files.read_bytes(server_process.key_file(guest.layout))
    return health_queries.query_health(key, arguments.words("addresses"))


def _write_key(path: str, key: bytes) -> None:
    if not os.path.exists(path) or files.read_bytes(path) != key:
        files.write_file(path, key)


def _version_of(path: str) -> float:
    version = files.read_json(path).get("version", -1)
    return version if isinstance(version, (int, float)) else -1
