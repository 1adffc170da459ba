"""The process of the DNS server: forked by the supervisor, which has the modules already and starts it again.

Takes a layout, binds as root, becomes vcap and serves; ends with the supervisor, or when the key changes.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import signal
import socket
import sys
import traceback
from typing import List, NoReturn

from director.guest.dns import health_messages, loopback, resolv_conf, wire
from director.guest.dns.records import UPCHECK
from director.guest.dns.server import Server, Sockets
from director.guest.layout import Layout
from director.guest.system import files

ADDRESS, PORT = "169.254.0.2", 53
"""Those of bosh-dns."""

RELEASE_JOBS = frozenset({"bosh-dns", "bosh-dns-windows"})
"""Jobs that bring a server of their own, at the same address, for the same records."""

_NO_NEW_PRIVILEGES = 38
_LOOK_EVERY_S = 3.0
_AGAIN_S = 1.0


class DnsServer:
    """The supervisor's hold on the server. Only a real VM has one: a test's layout changes nothing outside."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._child = 0
        self._key_seen = (0, 0)
        self._seen: "tuple[tuple[int, int], ...]" = ()
        self._is_wanted = False
        self._resolvers: List[str] = []
        self._looked_at = self._started_at = float("-inf")

    def ensure(self, now: float) -> None:
        """Have a server where there are records, and resolv.conf name it; every few seconds, and at the first."""
        if self._child and os.waitpid(self._child, os.WNOHANG)[0]:
            self._child = 0
        key_seen = self._look()
        if not self._is_wanted:
            self._end()
            return
        if self._child and self._key_seen != key_seen:
            self._end()
        if not self._child and now - self._started_at >= _AGAIN_S:
            self._started_at, self._looked_at = now, float("-inf")
            self._key_seen = key_seen
            self._child = _fork(self._layout)
        if self._child and now - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = now
            self._name_in_resolv_conf()

    def _look(self) -> "tuple[int, int]":
        """Decide again where a file that decides has changed; gives the key's stamp."""
        paths = (key_file(self._layout), records_file(self._layout), self._layout.spec_file)
        seen = tuple(map(files.stamp_of, paths))
        if seen != self._seen:
            self._seen, self._is_wanted = seen, is_wanted(self._layout)
        return seen[0]

    def _end(self) -> None:
        if self._child:
            os.kill(self._child, signal.SIGTERM)
            os.waitpid(self._child, 0)
            self._child = 0

    def _name_in_resolv_conf(self) -> None:
        path = self._layout.path("instance", "dns", "resolvers.json")
        known = [str(name) for name in files.read_json(path).get("resolvers", [])]
        try:
            found = resolv_conf.take_over(ADDRESS, known)
            if found != known or not os.path.exists(path):
                files.write_file(path, json.dumps({"resolvers": found}).encode(), mode=0o644)
        except OSError as error:
            print("resolv.conf cannot be written: %s" % error, file=sys.stderr, flush=True)


def is_wanted(layout: Layout) -> bool:
    """Whether there is something to answer by, and no job that does so itself."""
    needed = (records_file(layout), key_file(layout))
    if not layout.is_default or not all(map(os.path.exists, needed)):
        return False
    return not RELEASE_JOBS.intersection(files.read_json(layout.spec_file).get("jobs", ()))


def is_answering() -> bool:
    """Whether the server answers the name that it always knows."""
    question = b"\x12\x34\x01\x00" + b"\0\1" + bytes(6) + wire.write_name(UPCHECK) + b"\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        try:
            client.connect((ADDRESS, PORT))
            client.send(question)
            return wire.is_answer_to(client.recv(wire.SMALLEST), question)
        except OSError:
            return False


def records_file(layout: Layout) -> str:
    return layout.path("instance", "dns", "records.json")


def key_file(layout: Layout) -> str:
    return layout.path("bosh", "dns_health_key")


def bind_sockets(address: str, port: int, health_port: int) -> Sockets:
    """Bind all that the server needs, for every client of this VM and for every instance. Raises OSError."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    udp.bind((address, port))
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind((address, udp.getsockname()[1]))
    tcp.listen(64)
    for bound in (udp, tcp):
        bound.setblocking(False)
    return Sockets(udp, tcp, _health_socket(health_port))


def _health_socket(port: int) -> socket.socket:
    """For both families where the VM has IPv6."""
    try:
        health = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        health.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        health.bind(("::", port))
    except OSError:
        health = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        health.bind(("", port))
    health.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    health.setblocking(False)
    return health


def _fork(layout: Layout) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        _serve(layout, parent)
    except BaseException:  # nothing above may continue: it belongs to the parent process
        traceback.print_exc()
    finally:
        os._exit(1)


def _serve(layout: Layout, parent: int) -> NoReturn:
    """Hold nothing of the supervisor but its log."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    with open("/proc/self/comm", "w", encoding="ascii") as stream:
        stream.write("dns")
    loopback.add_address(ADDRESS)
    with open(key_file(layout), "rb") as stream:
        key = stream.read()
    sockets = bind_sockets(ADDRESS, PORT, health_messages.PORT)
    _become_vcap()
    Server(layout, sockets, key).serve(parent)
    os._exit(0)


def _become_vcap() -> None:
    """Packets of anyone are read by no root; nor can scripts of jobs that it runs become root again."""
    entry = pwd.getpwnam("vcap")
    os.setgroups(os.getgrouplist("vcap", entry.pw_gid))
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
