"""Requests without end to the services of the platform, as an app on a VM whose links give it the credentials.

Takes the file of smoke-tests' settings, which it reads before each connection; ends by SIGTERM and prints what became
of the requests of each service as JSON. It is copied to a VM and has the platform's Python libraries alone.

Each request has a connection of its own and logs in. A client that is cut off or refused connects again, with what
its file says by then; a request has failed when it got no answer within DEADLINE_S. Beside them one client of each
service keeps the connection that it opened first: each request that gets no answer there has failed.
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
from typing import Any, Protocol

import pg8000.dbapi
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

DEADLINE_S = 30.0
KEPT = " (kept)"
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


class Client(Protocol):
    """One connection, logged in."""

    def ask(self, settings: dict[str, Any]) -> None:
        """Send a request on it."""

    def close(self) -> None:
        """End it."""


class PostgresClient:
    """Writes a row and reads it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        login = {key: settings[key] for key in ("port", "user", "password", "database")}
        try:
            self._connection = pg8000.dbapi.connect(host=settings["address"], timeout=_TIMEOUT_S, **login)
        except pg8000.dbapi.DatabaseError as error:
            if "28P01" in str(error) or "28000" in str(error):
                raise LoginRefusedError(str(error)[:80]) from error
            raise

    def ask(self, settings: dict[str, Any]) -> None:
        cursor = self._connection.cursor()
        cursor.execute("SELECT pg_advisory_xact_lock(1)")  # two that create the same table at once fail
        cursor.execute("CREATE TABLE IF NOT EXISTS load (word text)")
        cursor.execute("INSERT INTO load VALUES ('x')")
        cursor.execute("SELECT count(*) FROM load")
        cursor.execute("DELETE FROM load")
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()


class RedisClient:
    """Counts, and reads the count."""

    def __init__(self, settings: dict[str, Any]) -> None:
        place = {"host": settings["address"], "port": settings["port"], "password": settings["password"]}
        retry = Retry(NoBackoff(), 0)
        try:
            self._client = redis.Redis(**place, socket_timeout=_TIMEOUT_S, retry=retry, single_connection_client=True)
        except redis.AuthenticationError as error:
            raise LoginRefusedError(str(error)[:80]) from error
        self._number = self._client.client_id()

    def ask(self, settings: dict[str, Any]) -> None:
        self._client.incr("load")
        if self._client.client_id() != self._number:
            raise ConnectionError("connected again")

    def close(self) -> None:
        self._client.close()


class NatsClient:
    """Sends messages to itself."""

    def __init__(self, settings: dict[str, Any]) -> None:
        login = json.dumps({"user": settings["user"], "pass": settings["password"], "verbose": False})
        self._stream = socket.create_connection((settings["address"], settings["port"]), timeout=_TIMEOUT_S)
        self._stream.sendall(f"CONNECT {login}\r\nSUB load 1\r\n".encode())

    def ask(self, settings: dict[str, Any]) -> None:
        self._stream.sendall(b"PUB load 1\r\nx\r\nPING\r\n")
        said = b""
        while b"PONG\r\n" not in said:  # more may follow: the server sends news and its own pings at any time
            part = self._stream.recv(65536)
            if b"Authorization" in said + part:
                raise LoginRefusedError("Authorization Violation")
            if not part:
                raise ConnectionError("closed")
            said += part

    def close(self) -> None:
        self._stream.close()


class ConsoleClient:
    """Asks for the states of the services, over TLS checked by the CA; logs in with each request."""

    def __init__(self, settings: dict[str, Any]) -> None:
        context = ssl.create_default_context(cadata=settings["ca"])
        self._connection = _NamedConnection(settings["address"], settings["port"], context)
        self._connection.connect()
        self._connection.auto_open = 0

    def ask(self, settings: dict[str, Any]) -> None:
        login = base64.b64encode(f"{settings['user']}:{settings['password']}".encode()).decode()
        self._connection.request("GET", "/api/services", headers={"authorization": f"Basic {login}"})
        answer = self._connection.getresponse()
        answer.read()
        if answer.status in (401, 429):
            raise LoginRefusedError(f"status {answer.status}")
        if answer.status != 200:
            raise ConnectionError(f"status {answer.status}")

    def close(self) -> None:
        self._connection.close()


class _NamedConnection(http.client.HTTPSConnection):
    """TLS to an address, with the certificate checked by the console's name."""

    def __init__(self, address: str, port: int, trusting: ssl.SSLContext) -> None:
        http.client.HTTPSConnection.__init__(self, address, port, timeout=_TIMEOUT_S, context=trusting)
        self._trusting = trusting

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), timeout=_TIMEOUT_S)
        self.sock = self._trusting.wrap_socket(plain, server_hostname="console")


CLIENTS: dict[str, Callable[[dict[str, Any]], Client]] = {
    "postgres": PostgresClient,
    "redis": RedisClient,
    "nats": NatsClient,
    "console": ConsoleClient,
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


def load_kept(path: Path, service: str, tally: Tally, ended: threading.Event) -> None:
    """Request after request until the end, all on the connection of the first."""
    client = CLIENTS[service](json.loads(path.read_text())[service])
    while not ended.is_set():
        tally.requests += 1
        began = time.monotonic()
        try:
            client.ask(json.loads(path.read_text())[service])
        except _PASSING as error:
            tally.failed += 1
            tally.reasons[f"{type(error).__name__}: {error}"[:120]] += 1
        tally.longest_s = max(tally.longest_s, time.monotonic() - began)
        time.sleep(_PAUSE_S)


def _has_answer(path: Path, service: str, tally: Tally) -> bool:
    """Ask once; what may pass is counted."""
    try:
        settings = json.loads(path.read_text())[service]
        client = CLIENTS[service](settings)
        try:
            client.ask(settings)
        finally:
            client.close()
    except _PASSING as error:
        tally.again += 1
        tally.refused += isinstance(error, LoginRefusedError)
        tally.reasons[f"{type(error).__name__}: {error}"[:120]] += 1
        return False
    return True


def main(path: str) -> None:
    """Load all services at once until SIGTERM; the tallies of kept connections are called "SERVICE (kept)"."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    tallies = {f"{service}{suffix}": Tally() for suffix in ("", KEPT) for service in CLIENTS}
    threads = [
        threading.Thread(
            target=load_kept if name.endswith(KEPT) else load,
            args=(Path(path), name.removesuffix(KEPT), tally, ended),
        )
        for name, tally in tallies.items()
    ]
    for thread in threads:
        thread.start()
    ended.wait()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps({service: tally.as_data() for service, tally in tallies.items()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
