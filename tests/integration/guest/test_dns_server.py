"""The guest's DNS server on real sockets: UDP, TCP, resolvers behind it, other instances that ask for its health."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from director.guest.dns import health_messages, health_queries, wire
from tests.support import dns_server
from tests.support.dns_server import KEY, Serving
from tests.unit.director.guest.dns.documents import addresses, document, query, row

_WEB = "q-s0.web.default.shop.bosh"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    dns_server.write_records(tmp_path, document(row(1), row(2)))
    with dns_server.serving(tmp_path) as running:
        yield running


def _udp(serving: Serving, packet: bytes, *, timeout_s: float = 10.0) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout_s)
        client.sendto(packet, ("127.0.0.1", serving.port))
        return client.recv(65535)


def _tcp(serving: Serving, *packets: bytes) -> list[bytes]:
    """Answers to questions that are sent at once."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=10) as client:
        client.sendall(b"".join(struct.pack("!H", len(packet)) + packet for packet in packets))
        stream = client.makefile("rb")
        return [stream.read(struct.unpack("!H", stream.read(2))[0]) for _ in packets]


def _await(serving: Serving, found: list[str]) -> None:
    deadline = time.monotonic() + 10
    while (answer := addresses(_udp(serving, query(_WEB)))) != found:
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)


def test_names_are_answered_over_udp_and_tcp_and_follow_the_records(serving: Serving, tmp_path: Path) -> None:
    assert addresses(_udp(serving, query(_WEB))) == ["10.0.0.1", "10.0.0.2"]
    first, second = _tcp(serving, query(_WEB), query("q-s0.api.default.shop.bosh"))
    assert (addresses(first), wire.code_of(second)) == (["10.0.0.1", "10.0.0.2"], wire.NO_NAME)
    (tmp_path / "instance" / "dns" / "records.json").write_text("{torn")
    time.sleep(0.5)
    assert addresses(_udp(serving, query(_WEB))) == ["10.0.0.1", "10.0.0.2"]
    dns_server.write_records(tmp_path, document(row(3)))
    _await(serving, ["10.0.0.3"])


def test_a_long_answer_is_truncated_over_udp_and_whole_over_tcp(serving: Serving, tmp_path: Path) -> None:
    dns_server.write_records(tmp_path, document(*(row(number) for number in range(1, 101))))
    deadline = time.monotonic() + 10
    while len(addresses((whole := _tcp(serving, query(_WEB)))[0])) != 100:
        assert time.monotonic() < deadline
    assert whole[0][2] & 0x02 == 0
    cut, wide = _udp(serving, query(_WEB)), _udp(serving, query(_WEB, size=4096))
    assert (len(cut) <= 512, cut[2] & 0x02, len(addresses(wide)), wide[2] & 0x02) == (True, 0x02, 100, 0)


def test_hostile_packets_and_slow_clients_stop_nothing(serving: Serving) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hostile:
        for size in range(300):
            hostile.sendto(bytes([size % 256]) * size, ("127.0.0.1", serving.port))
            hostile.sendto(query(_WEB)[: size % 40], ("127.0.0.1", serving.port))
            hostile.sendto(bytes(size), ("127.0.0.1", serving.health))
    slow = [socket.create_connection(("127.0.0.1", serving.port), timeout=10) for _ in range(40)]
    for client in slow:
        client.sendall(b"\0")
    with socket.create_connection(("127.0.0.1", serving.port), timeout=10) as long:
        long.sendall(b"\xff\xff" + bytes(10))
        assert long.recv(1) == b""
    assert len(addresses(_tcp(serving, query(_WEB))[0])) == 2
    assert len(addresses(_udp(serving, query(_WEB)))) == 2
    for client in slow:
        client.close()


def _bound_to_one_port() -> tuple[socket.socket, socket.socket]:
    """A port that is free for UDP may be taken for TCP: then it is another one's turn."""
    for _ in range(50):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        try:
            return udp, socket.create_server(("127.0.0.1", udp.getsockname()[1]))
        except OSError:
            udp.close()
    raise AssertionError("no port is free for UDP and TCP")


class _Resolver:
    """Answers every question with one address, over UDP and TCP; `code` is the answer's."""

    def __init__(self, code: int = 0, *, is_silent: bool = False) -> None:
        self.asked: list[bytes] = []
        self._code = code
        self._is_silent = is_silent
        self._udp, self._tcp = _bound_to_one_port()
        self.port: int = self._udp.getsockname()[1]

    @contextmanager
    def answering(self) -> Iterator[str]:
        threads = [threading.Thread(target=each, daemon=True) for each in (self._serve_udp, self._serve_tcp)]
        for thread in threads:
            thread.start()
        yield f"127.0.0.1:{self.port}"
        for bound in (self._udp, self._tcp):
            bound.shutdown(socket.SHUT_RDWR) if bound is self._tcp else bound.close()
        self._tcp.close()

    def _serve_udp(self) -> None:
        while True:
            try:
                packet, client = self._udp.recvfrom(4096)
            except OSError:
                return
            self.asked.append(packet)
            if not self._is_silent:
                guess = self._answer(packet, "203.0.113.66")
                self._udp.sendto(b"\0\0" + guess[2:], client)  # its number is not that of the question
                self._udp.sendto(self._answer(packet), client)

    def _serve_tcp(self) -> None:
        while True:
            try:
                client, _ = self._tcp.accept()
            except OSError:
                return
            with client:
                length = struct.unpack("!H", client.recv(2))[0]
                answer = self._answer(client.recv(length))
                client.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, packet: bytes, address: str = "192.0.2.9") -> bytes:
        question = wire.read_question(packet)
        records = wire.address_records([address], wire.TYPE_A) if not self._code else ()
        return wire.write_answer(packet, question, self._code, records=records, limit=65535)


def test_other_names_go_to_the_resolvers_in_turn(tmp_path: Path) -> None:
    silent, refusing, good = _Resolver(is_silent=True), _Resolver(wire.NO_NAME), _Resolver()
    with silent.answering() as first, refusing.answering() as second, good.answering() as third:
        dns_server.write_records(tmp_path, document(row(1)), resolvers=[first, second, third])
        with dns_server.serving(tmp_path) as running:
            asked = query("example.com", number=4321)
            answer = _udp(running, asked)
            assert (answer[:2], addresses(answer)) == (asked[:2], ["192.0.2.9"])
            assert good.asked[0][:2] != asked[:2]  # a number of its own
            assert addresses(_tcp(running, query("example.org"))[0]) == ["192.0.2.9"]


def test_without_an_answer_of_a_resolver_the_name_fails_and_what_one_said_is_kept(tmp_path: Path) -> None:
    with _Resolver(wire.NO_NAME).answering() as refusing, _Resolver(is_silent=True).answering() as silent:
        dns_server.write_records(tmp_path, document(row(1)), resolvers=[refusing, silent])
        with dns_server.serving(tmp_path) as running:
            assert wire.code_of(_udp(running, query("example.com"))) == wire.NO_NAME
    dns_server.write_records(tmp_path, document(row(1)))
    with dns_server.serving(tmp_path) as running:
        assert wire.code_of(_udp(running, query("example.com"))) == wire.SERVER_FAILURE


def test_health_is_told_to_holders_of_the_key_and_at_once_when_it_changes(serving: Serving, tmp_path: Path) -> None:
    nonce = health_messages.new_nonce()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as instance:
        instance.settimeout(10)
        instance.sendto(health_messages.write_question(b"another key", nonce), ("127.0.0.1", serving.health))
        instance.sendto(health_messages.write_question(KEY, nonce), ("127.0.0.1", serving.health))
        heard = health_messages.read_answer(KEY, instance.recv(65535))
        assert heard
        assert (heard[0], heard[1].state) == (nonce, "running")
        began = time.monotonic()
        (tmp_path / "instance" / "health.json").write_text('{"state": "failing"}')
        heard = health_messages.read_answer(KEY, instance.recv(65535))
        assert heard
        assert (heard[1].state, time.monotonic() - began < 2.0) == ("failing", True)


def test_a_vm_without_records_of_its_own_asks_many_at_once(serving: Serving, tmp_path: Path) -> None:
    addresses_asked = ["127.0.0.1", "127.0.0.2", "192.0.2.1", "::1", "no address"]
    began = time.monotonic()
    heard = health_queries.query_health(KEY, addresses_asked, port=serving.health)
    assert heard == {"127.0.0.1": "running", "127.0.0.2": "running", **({"::1": "running"} if "::1" in heard else {})}
    assert time.monotonic() - began < 2 * health_queries.LIMIT_S
    assert health_queries.query_health(b"another key", ["127.0.0.1"], port=serving.health) == {}
    (tmp_path / "instance" / "health.json").write_text('{"state": "failing"}')
    time.sleep(0.1)  # an answer may be as old as server._NEWEST_S
    assert health_queries.query_health(KEY, ["127.0.0.1"], port=serving.health) == {"127.0.0.1": "failing"}
