"""What instances ask each other about their health: two UDP messages that only holders of a key can write.

Takes the environment's key, gives messages, or None for what is none. The asker draws a number for each question and
believes only an answer that repeats it, so no answer can be replayed later. Why not HTTPS as bosh-dns:
docs/decisions/dns.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any, Dict, Mapping, NamedTuple, Optional

PORT = 8853
NONCE_BYTES = 16
LARGEST = 8192

_MARK = b"CDH1"
_ASK, _ANSWER = b"?", b"!"
_SIGNATURE_BYTES = 32
_STATES = ("running", "failing")


class Health(NamedTuple):
    """`state` is of the whole instance, `groups` of the links that it provides, by their group's number."""

    state: str
    groups: Dict[str, str]

    def of(self, group_id: str) -> str:
        return self.groups.get(group_id, self.state)


def new_nonce() -> bytes:
    return os.urandom(NONCE_BYTES)


def write_question(key: bytes, nonce: bytes) -> bytes:
    return _signed(key, _ASK + nonce)


def read_question(key: bytes, packet: bytes) -> Optional[bytes]:
    """The question's nonce, None for anything else."""
    body = _verified(key, packet)
    if body is None or len(body) != 1 + NONCE_BYTES or body[:1] != _ASK:
        return None
    return body[1:]


def write_answer(key: bytes, nonce: bytes, health: Health) -> bytes:
    document = json.dumps({"state": health.state, "group_state": health.groups}, separators=(",", ":")).encode()
    return _signed(key, _ANSWER + nonce + document)


def read_answer(key: bytes, packet: bytes) -> "Optional[tuple[bytes, Health]]":
    """The nonce that an answer repeats, and what it says; None for anything else."""
    body = _verified(key, packet)
    if body is None or len(body) < 1 + NONCE_BYTES or body[:1] != _ANSWER:
        return None
    try:
        document = json.loads(body[1 + NONCE_BYTES :].decode())
    except (ValueError, RecursionError):
        return None
    health = read_health(document)
    return None if health is None else (body[1 : 1 + NONCE_BYTES], health)


def read_health(document: Any) -> Optional[Health]:
    """BOSH's health document, also as a file; any state but `running` is `failing`."""
    if not isinstance(document, Mapping) or not isinstance(document.get("state"), str):
        return None
    given = document.get("group_state")
    groups = given if isinstance(given, dict) else {}
    return Health(_state(document["state"]), {str(name): _state(str(state)) for name, state in groups.items()})


def _state(text: str) -> str:
    return text if text in _STATES else "failing"


def _signed(key: bytes, body: bytes) -> bytes:
    return _MARK + hmac.new(key, body, hashlib.sha256).digest() + body


def _verified(key: bytes, packet: bytes) -> Optional[bytes]:
    begin = len(_MARK) + _SIGNATURE_BYTES
    if not key or len(packet) < begin or len(packet) > LARGEST or packet[: len(_MARK)] != _MARK:
        return None
    body = packet[begin:]
    signature = packet[len(_MARK) : begin]
    return body if hmac.compare_digest(signature, hmac.new(key, body, hashlib.sha256).digest()) else None
