"""The health of many instances at once, for one that is not their peer: asked, and asked again, for about a second.

Takes the environment's key and addresses, gives the state of each instance that answers.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from typing import Dict, Iterable, Sequence

from director.guest.dns import health_messages

LIMIT_S = 1.0
_AGAIN_S = 0.3
_AT_ONCE = 100
"""Questions sent before answers are read: more of them would overflow the buffer of answers."""


class _FamilyQueries:
    """The questions of one address family, which share a socket.

    An answer is known by its question's nonce: a VM of several networks may answer from another of its addresses.
    """

    def __init__(self, family: int, key: bytes, addresses: Sequence[str], *, port: int) -> None:
        self._key = key
        self._port = port
        self.unheard = {health_messages.new_nonce(): address for address in addresses}
        self.heard: Dict[str, str] = {}
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setblocking(False)

    def ask(self) -> None:
        for number, (nonce, address) in enumerate(list(self.unheard.items()), 1):
            question = health_messages.write_question(self._key, nonce)
            with contextlib.suppress(OSError):  # no route to it: it stays unheard
                self.socket.sendto(question, (address, self._port))
            if number % _AT_ONCE == 0:
                self.read()

    def read(self) -> None:
        while self.unheard:
            try:
                packet = self.socket.recv(health_messages.LARGEST)
            except BlockingIOError:
                return
            except OSError:  # an instance whose port is closed
                continue
            answer = health_messages.read_answer(self._key, packet)
            if answer is not None and answer[0] in self.unheard:
                self.heard[self.unheard.pop(answer[0])] = answer[1].state


def query_health(key: bytes, addresses: Iterable[str], *, port: int = health_messages.PORT) -> Dict[str, str]:
    """`running` or `failing` by address, each as it was given; one that does not answer is left out."""
    wanted = list(dict.fromkeys(addresses))
    of_4, of_6 = [one for one in wanted if ":" not in one], [one for one in wanted if ":" in one]
    by_family = ((socket.AF_INET, of_4), (socket.AF_INET6, of_6))
    asked = [_FamilyQueries(family, key, some, port=port) for family, some in by_family if some]
    try:
        _exchange(asked, time.monotonic() + LIMIT_S)
    finally:
        for one in asked:
            one.socket.close()
    return {address: state for one in asked for address, state in one.heard.items()}


def _exchange(asked: Sequence[_FamilyQueries], until: float) -> None:
    again_at = float("-inf")
    while any(one.unheard for one in asked) and time.monotonic() < until:
        if time.monotonic() >= again_at:
            again_at = time.monotonic() + _AGAIN_S
            for one in asked:
                one.ask()
        pause_s = max(0.0, min(again_at, until) - time.monotonic())
        ready, _, _ = select.select([one.socket for one in asked if one.unheard], [], [], pause_s)
        for one in asked:
            if one.socket in ready:
                one.read()
