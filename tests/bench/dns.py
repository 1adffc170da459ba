"""How long the guest's DNS server takes to answer 2,000 queries a second, beside a bare UDP echo in the same language.

Takes a folder, gives figures: the server is one process, the client another; a query is sent when its time has come,
whatever is still unanswered.
"""

import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.support import dns_server
from tests.unit.director.guest.dns.documents import document, query, row

_PER_SECOND = 2000
_SECONDS = 10
_GROUPS, _MEMBERS = 200, 10


def figures(home: Path) -> Iterator[Figure]:
    """The 99th of 100 answers, of names that are asked again and again by turns."""
    rows = [
        row(number % 250, group=f"g{number % _GROUPS}", groups=(str(number % _GROUPS),))
        for number in range(_GROUPS * _MEMBERS)
    ]
    dns_server.write_records(home, document(*rows))
    names = [f"q-s0.g{group}.default.shop.bosh" for group in range(_GROUPS)]
    names += [f"q-s0.q-g{group}.bosh" for group in range(_GROUPS)]
    with dns_server.serving(home, program=dns_server.ECHO) as echo:
        bare, bare_s = _took_ms(echo.port, names), echo.processor_s()
    with dns_server.serving(home) as server:
        taken, taken_s = _took_ms(server.port, names), server.processor_s()
    for name, found, target, used_s in (("UDP echo", bare, None, bare_s), ("DNS", taken, 1.0, taken_s)):
        least = min(_share(each, 0.99) for each in _seconds(found))
        used = f"{1e6 * used_s / len(found):.0f} us of a processor each"
        note = f"least of a second {least:.3f} ms, median {_share(found.values(), 0.5):.3f} ms, {used}"
        yield Figure(
            name=f"{name}: p99 at {_PER_SECOND} queries/s",
            value=_share(found.values(), 0.99),
            unit="ms",
            target=target,
            note=note,
        )


def _share(found: Iterable[float], share: float) -> float:
    ordered = sorted(found)
    return ordered[int(share * (len(ordered) - 1))]


def _seconds(found: dict[int, float]) -> Iterator[list[float]]:
    """The answers of each second: on a busy machine others take the processors in most of them."""
    for second in range(_SECONDS):
        numbers = range(second * _PER_SECOND, (second + 1) * _PER_SECOND)
        yield [found[number] for number in numbers if number in found]


def _took_ms(port: int, names: list[str]) -> dict[int, float]:
    """The time of each answer, by its question's number."""
    packets = [query(name, number=number % 65536) for number, name in enumerate(_turns(names))]
    sent = [0.0] * len(packets)
    took: dict[int, float] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        client.connect(("127.0.0.1", port))
        client.setblocking(False)
        began = time.perf_counter()
        for number, packet in enumerate(packets):
            due = began + number / _PER_SECOND
            while time.perf_counter() < due:
                _receive(client, sent, took)
            sent[number] = time.perf_counter()
            client.send(packet)
        deadline = time.perf_counter() + 1.0
        while len(took) < len(packets) and time.perf_counter() < deadline:
            _receive(client, sent, took)
    return took


def _turns(names: list[str]) -> list[str]:
    return [names[number % len(names)] for number in range(_PER_SECOND * _SECONDS)]


def _receive(client: socket.socket, sent: list[float], took: dict[int, float]) -> None:
    try:
        answer = client.recv(4096)
    except BlockingIOError:
        return
    number = int.from_bytes(answer[:2], "big")
    took[number] = 1000 * (time.perf_counter() - sent[number])
