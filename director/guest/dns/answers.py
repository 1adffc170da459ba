"""What a question gets: our own names from records and health, anything else from a resolver.

Takes a packet, gives an answer, or says who else has to be asked first. No socket, no clock of its own.
"""

from __future__ import annotations

import ipaddress
import random
from typing import Dict, List, NamedTuple, Optional, Tuple

from director.guest.dns import peers as instances
from director.guest.dns import wire
from director.guest.dns.names import BadName
from director.guest.dns.peers import Peers
from director.guest.dns.records import RecordSet
from director.guest.dns.wire import BadMessage, Question

_MOST_KEPT = 4096
_KEPT_S = 60.0
"""Answers are prepared again that often, so that the instances that queries return stay tracked."""


class AnswerDecision(NamedTuple):
    """`answer` is sent; with none the packet goes to a resolver, or, where `waits_for` is, asked again later."""

    answer: Optional[bytes]
    question: Optional[Question] = None
    waits_for: Tuple[str, ...] = ()


class _Ready(NamedTuple):
    question: Question
    code: int
    records: List[bytes]


class Answers:
    """Prepares each question's records once, until the health of an instance changes."""

    def __init__(self, records: RecordSet, peers: Peers) -> None:
        self.records = records
        self._peers = peers
        self._ready: Dict[bytes, _Ready] = {}
        self._prepared_at = 0.0
        self._changes = peers.changes

    def answer(self, packet: bytes, now: float, *, is_tcp: bool, is_late: bool = False) -> AnswerDecision:
        """`is_late`: it has waited for the health of instances, and waits no more."""
        if self._changes != self._peers.changes or now - self._prepared_at > _KEPT_S:
            self._ready.clear()
            self._changes, self._prepared_at = self._peers.changes, now
        ready = self._ready.get(packet[2:])
        if ready is None:
            try:
                question = wire.read_question(packet)
            except BadMessage as error:
                is_silent = error.code is None
                return AnswerDecision(b"" if is_silent else wire.write_failure(packet, error.code or 0))
            decision = self._prepare(packet, question, now, is_late=is_late)
            if not isinstance(decision, _Ready):
                return decision
            ready = decision
        records = ready.records
        if len(records) > 1:
            random.shuffle(records)
        limit = wire.LARGEST_TCP if is_tcp else ready.question.size
        return AnswerDecision(wire.write_answer(packet, ready.question, ready.code, records=records, limit=limit))

    def _prepare(self, packet: bytes, question: Question, now: float, *, is_late: bool) -> "AnswerDecision | _Ready":
        if question.type == wire.TYPE_PTR and (pointed := self._pointers(question.name)):
            return self._keep(packet, _Ready(question, wire.NO_ERROR, wire.name_records(pointed)))
        if not self.records.is_own(question.name):
            return AnswerDecision(None, question)
        try:
            all_found = self.records.find(question.name)
        except BadName:
            return self._keep(packet, _Ready(question, wire.FORM_ERROR, []))
        self._peers.track((ip for found in all_found for ip in instances.to_track(found)), now)
        waiting = tuple(ip for found in all_found for ip in instances.unchecked(found, self._peers))
        if waiting and not is_late:
            return AnswerDecision(None, question, waiting)
        if not any(found.rows for found in all_found):
            return self._keep(packet, _Ready(question, wire.NO_NAME, []))
        addresses = {row.ip: None for found in all_found for row in instances.chosen(found, self._peers)}
        records = wire.address_records(list(addresses), question.type)
        return self._keep(packet, _Ready(question, wire.NO_ERROR, records))

    def _keep(self, packet: bytes, ready: _Ready) -> _Ready:
        if len(self._ready) < _MOST_KEPT:
            self._ready[packet[2:]] = ready
        return ready

    def _pointers(self, name: str) -> List[str]:
        address = _address_of(name)
        return self.records.names_of(address) if address else []


def _address_of(name: str) -> str:
    """The address that a name below in-addr.arpa or ip6.arpa means, "" for any other."""
    labels = name.split(".")
    try:
        if name.endswith(".in-addr.arpa") and len(labels) == 6:
            return str(ipaddress.IPv4Address(".".join(reversed(labels[:4]))))
        if name.endswith(".ip6.arpa") and len(labels) == 34:
            digits = "".join(reversed(labels[:32]))
            return str(ipaddress.IPv6Address(int(digits, 16)))
    except ValueError:
        return ""
    return ""
