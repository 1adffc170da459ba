"""Requests without end to the services of the platform, as an app on a VM whose links give it the credentials.

Takes the file of smoke-tests' settings, which it reads before each connection; ends by SIGTERM and prints what became
of the requests of each service as JSON. It is copied to a VM and has the platform's Python libraries alone.

Each request has a connection of its own and logs in. A client that is cut off or refused connects again, with what
its file says by then; a request has failed when it got no answer within DEADLINE_S.
"""

import base64
import http.client
import json
import signal
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pg8000.dbapi
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

DEADLINE_S = 30.0
_TIMEOUT_S, _RETRY_S, _PAUSE_S = 2.0, 0.05, 0.05


class LoginRefusedError(Exception):
    """The service refused the credentials."""


@dataclass(slots=True)
class Tally:
    """Of one service: `again` counts attempts that were repeated, `refused` those of them that were refused logins."""

    requests: int = 0
    failed: int = 0
    again: int = 0
    refused: int = 0
    longest_s: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "requests": self.requests,
            "failed": self.failed,
            "again": self.again,
            "refused": self.refused,
            "longest_s": round(self.longest_s, 2),
            "reasons": dict(self.reasons.most_common(5)),
        }


def ask_postgres(settings: dict[str, Any]) -> None:
    """Write a row and read it."""
    login = {key: settings[key] for key in ("port", "user", "password", "database")}
    try:
        connection = pg8000.dbapi.connect(host=settings["address"], timeout=_TIMEOUT_S, **login)
    except pg8000.dbapi.DatabaseError as error:
        if "28P01" in str(error) or "28000" in str(error):
            raise LoginRefusedError(str(error)[:80]) from error
        raise
    try:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE IF NOT EXISTS load (word text)")
        cursor.execute("INSERT INTO load VALUES ('x')")
        cursor.execute("SELECT count(*) FROM load")
        cursor.execute("DELETE FROM load")
        connection.commit()
    finally:
        connection.close()


def ask_redis(settings: dict[str, Any]) -> None:
    """Count, and read the count."""
    place = {"host": settings["address"], "port": settings["port"], "password": settings["password"]}
    with redis.Redis(**place, socket_timeout=_TIMEOUT_S, retry=Retry(NoBackoff(), 0)) as client:
        try:
            client.incr("load")
        except redis.AuthenticationError as error:
            raise LoginRefusedError(str(error)[:80]) from error


def ask_nats(settings: dict[str, Any]) -> None:
    """Send a message to oneself."""
    login = json.dumps({"user": settings["user"], "pass": settings["password"], "verbose": False})
    with socket.create_connection((settings["address"], settings["port"]), timeout=_TIMEOUT_S) as stream:
        stream.sendall(f"CONNECT {login}\r\nSUB load 1\r\nPUB load 1\r\nx\r\nPING\r\n".encode())
        said = b""
        while not said.endswith(b"PONG\r\n"):
            part = stream.recv(65536)
            if b"Authorization" in said + part:
                raise LoginRefusedError("Authorization Violation")
            if not part:
                raise ConnectionError("closed")
            said += part


def ask_console(settings: dict[str, Any]) -> None:
    """Ask for the states of the services, over TLS checked by the CA."""
    context = ssl.create_default_context(cadata=settings["ca"])
    login = base64.b64encode(f"{settings['user']}:{settings['password']}".encode()).decode()
    connection = _NamedConnection(settings["address"], settings["port"], context)
    try:
        connection.request("GET", "/api/services", headers={"authorization": f"Basic {login}"})
        status = connection.getresponse().status
    finally:
        connection.close()
    if status in (401, 429):
        raise LoginRefusedError(f"status {status}")
    if status != 200:
        raise ConnectionError(f"status {status}")


class _NamedConnection(http.client.HTTPSConnection):
    """TLS to an address, with the certificate checked by the console's name."""

    def __init__(self, address: str, port: int, trusting: ssl.SSLContext) -> None:
        http.client.HTTPSConnection.__init__(self, address, port, timeout=_TIMEOUT_S, context=trusting)
        self._trusting = trusting

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), timeout=_TIMEOUT_S)
        self.sock = self._trusting.wrap_socket(plain, server_hostname="console")


ASKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "postgres": ask_postgres,
    "redis": ask_redis,
    "nats": ask_nats,
    "console": ask_console,
}
_PASSING = (OSError, LoginRefusedError, redis.RedisError, pg8000.dbapi.Error, http.client.HTTPException, ValueError)


def load(path: Path, service: str, tally: Tally, ended: threading.Event) -> None:
    """Request after request until the end."""
    while not ended.is_set():
        tally.requests += 1
        began = time.monotonic()
        while not _has_answer(path, service, tally):
            if time.monotonic() - began > DEADLINE_S:
                tally.failed += 1
                break
            time.sleep(_RETRY_S)
        tally.longest_s = max(tally.longest_s, time.monotonic() - began)
        time.sleep(_PAUSE_S)


def _has_answer(path: Path, service: str, tally: Tally) -> bool:
    """Ask once; what may pass is counted."""
    try:
        ASKS[service](json.loads(path.read_text())[service])
    except _PASSING as error:
        tally.again += 1
        tally.refused += isinstance(error, LoginRefusedError)
        tally.reasons[f"{type(error).__name__}: {error}"[:120]] += 1
        return False
    return True


def main(path: str) -> None:
    """Load all services at once until SIGTERM."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    tallies = {service: Tally() for service in ASKS}
    threads = [
        threading.Thread(target=load, args=(Path(path), service, tally, ended)) for service, tally in tallies.items()
    ]
    for thread in threads:
        thread.start()
    ended.wait()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps({service: tally.as_data() for service, tally in tallies.items()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
