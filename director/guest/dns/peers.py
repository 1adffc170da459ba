"""The health of other instances that queries return: running, failing, unknown, or not checked yet.

Takes addresses that queries returned, answers and the time; gives questions to send and states. No clock and no
socket: the server has both.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Dict, FrozenSet, Iterable, List, Optional, Sequence

from director.guest.dns import health_messages, names
from director.guest.dns.health_messages import Health
from director.guest.dns.records import Found, RecordRow

UNCHECKED, UNKNOWN, RUNNING, FAILING = "unchecked", "unknown", "running", "failing"

INTERVAL_S = 0.4
"""Between two questions to one instance; two without an answer make it unknown, before two seconds are over."""

MOST_TRACKED = 2000
_EVERY_SECOND = 1250.0
"""Questions sent in one second at most; more instances are asked less often."""

_FORGOTTEN_S = 300.0
"""No query returned it for so long: it is no longer asked."""


class _Peer:
    def __init__(self, now: float) -> None:
        self.asked_for_at = now
        self.due_at = now
        self.nonce = b""
        self.missed = 0
        self.health: Optional[Health] = None
        self.is_checked = False

    def state(self, group_id: str) -> str:
        if self.health is not None:
            return self.health.of(group_id)
        return UNKNOWN if self.is_checked else UNCHECKED


class Peers:
    """`changes` grows with each change that an answer may depend on."""

    def __init__(self) -> None:
        self.changes = 0
        self.own_health = Health(RUNNING, {})
        self._own: FrozenSet[str] = frozenset()
        self._peers: "OrderedDict[str, _Peer]" = OrderedDict()
        self._asked: Dict[bytes, str] = {}

    def set_own(self, addresses: FrozenSet[str], health: Health) -> None:
        """This VM's own addresses and health, which are known without a question."""
        if (addresses, health) != (self._own, self.own_health):
            self._own, self.own_health = addresses, health
            self.changes += 1

    @property
    def is_tracking(self) -> bool:
        return bool(self._peers)

    def state_of(self, address: str, group_id: str) -> str:
        if address in self._own:
            return self.own_health.of(group_id)
        peer = self._peers.get(address)
        return UNCHECKED if peer is None else peer.state(group_id)

    def track(self, addresses: Iterable[str], now: float) -> None:
        """A query returned them: ask about them from now on; those not returned for longest make room."""
        for address in addresses:
            if address in self._own:
                continue
            peer = self._peers.get(address)
            if peer is None:
                self._peers[address] = _Peer(now)
            else:
                peer.asked_for_at = now
                self._peers.move_to_end(address)
        while len(self._peers) > MOST_TRACKED:
            self._drop(next(iter(self._peers)))

    def due(self, now: float) -> List[str]:
        """The addresses to ask now. Cheap, as queries wait meanwhile: the questions themselves are made one by one."""
        self._forget(now)
        due_at = now + max(INTERVAL_S, len(self._peers) / _EVERY_SECOND)
        found = []
        for address, peer in self._peers.items():
            if peer.due_at <= now:
                peer.due_at = due_at
                found.append(address)
        return found

    def question_to(self, address: str) -> bytes:
        """The nonce of a new question, b"" of an address that is not tracked; one that stayed unanswered counts."""
        peer = self._peers.get(address)
        if peer is None:
            return b""
        if peer.nonce:
            peer.missed += 1
            if peer.missed >= 2 and (peer.health is not None or not peer.is_checked):
                peer.health, peer.is_checked = None, True
                self.changes += 1
        self._asked.pop(peer.nonce, None)
        peer.nonce = health_messages.new_nonce()
        self._asked[peer.nonce] = address
        return peer.nonce

    def take(self, nonce: bytes, health: Health) -> None:
        """An answer came. One to an older question is not believed.

        The nonce says whose it is: a VM of several networks may answer from another address than the one asked. The
        last question stays open: an instance whose health changes says so to those who asked, unasked.
        """
        peer = self._peers.get(self._asked.get(nonce, ""))
        if peer is None:
            return
        if peer.health != health:
            self.changes += 1
        peer.health, peer.is_checked, peer.missed = health, True, -1

    def _forget(self, now: float) -> None:
        while self._peers:
            address = next(iter(self._peers))
            if now - self._peers[address].asked_for_at < _FORGOTTEN_S:
                return
            self._drop(address)

    def _drop(self, address: str) -> None:
        self._asked.pop(self._peers.pop(address).nonce, None)


def chosen(found: Found, peers: Peers) -> List[RecordRow]:
    """The rows that the answer holds. Where smart health leaves none, all; a single instance is always answered."""
    if found.health == names.ALL or (found.health == names.SMART and len(found.rows) == 1):
        return found.rows
    wanted: Sequence[str] = (RUNNING, UNCHECKED)
    if found.health == names.HEALTHY:
        wanted = (RUNNING,)
    elif found.health == names.UNHEALTHY:
        wanted = (FAILING,)
    fitting = [row for row in found.rows if peers.state_of(row.ip, found.group_id) in wanted]
    return found.rows if found.health == names.SMART and not fitting else fitting


def unchecked(found: Found, peers: Peers) -> List[str]:
    """The addresses that a query with a first check waits for."""
    if not found.is_checked_first:
        return []
    return [row.ip for row in found.rows if peers.state_of(row.ip, found.group_id) == UNCHECKED]


def to_track(found: Found) -> List[str]:
    """The addresses whose health the name depends on."""
    if found.health == names.ALL or (found.health == names.SMART and len(found.rows) == 1):
        return []
    return [row.ip for row in found.rows]
