"""The guest's DNS server as a process of its own, at a free port of this machine, by records of a folder."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY = b"key of these instances"

_SERVE = """
import errno, os, sys
from director.guest.dns.server import Server
from director.guest.dns.server_process import bind_sockets
from director.guest.layout import Layout
sockets = None
while sockets is None:
    try:
        sockets = bind_sockets("127.0.0.1", 0, 0)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:  # somebody's TCP has the number that UDP was given: another number
            raise
print(sockets.udp.getsockname()[1], sockets.health.getsockname()[1], flush=True)
Server(Layout(sys.argv[1]), sockets, sys.argv[2].encode()).serve(os.getppid())
"""

ECHO = """
import socket, sys
bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bound.bind(("127.0.0.1", 0))
print(bound.getsockname()[1], 0, flush=True)
while True:
    packet, client = bound.recvfrom(4096)
    bound.sendto(packet, client)
"""
"""What no server in this language can be faster than: a packet is read and written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where it answers, over UDP and TCP; `health` is where other instances ask it."""

    port: int
    health: int
    pid: int

    def processor_s(self) -> float:
        """The time of a processor that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_records(base: Path, document: object, *, resolvers: Sequence[str] = (), state: str = "running") -> None:
    """The files that the director and the supervisor write."""
    folder = base / "instance" / "dns"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "records.json.new").write_text(json.dumps(document))
    (folder / "records.json.new").rename(folder / "records.json")
    (folder / "resolvers.json").write_text(json.dumps({"resolvers": list(resolvers)}))
    (base / "instance" / "health.json").write_text(json.dumps({"state": state}))


@contextmanager
def serving(base: Path, *, program: str = _SERVE) -> Iterator[Serving]:
    """A server that answers by the files below `base`."""
    command = [sys.executable, "-c", program, str(base), KEY.decode()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        port, health = process.stdout.readline().split()
        yield Serving(port=int(port), health=int(health), pid=process.pid)
    finally:
        process.terminate()
        process.communicate()
