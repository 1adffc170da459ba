"""Use PostgreSQL, Redis, NATS and the console, and say step by step what worked.

Takes the settings file the release renders, gives exit code 0 when every check passed, 1 when one did not.
"""

import http.client
import json
import re
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pg8000.dbapi
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 10
# The name the console's certificate is checked by: its private address is not known when the certificate is made.
CONSOLE_NAME = "console"


class CheckFailed(Exception):
    """A service answered, but not what it should have."""


def main(path: str) -> int:
    """Run every check, also after one failed."""
    settings = json.loads(Path(path).read_text(encoding="utf-8"))
    checks: list[tuple[str, Callable[[dict], list[str]]]] = [
        ("postgres", check_postgres),
        ("redis", check_redis),
        ("nats", check_nats),
        ("console", check_console),
    ]
    failed = 0
    for name, check in checks:
        print(f"{name} at {settings[name]['address']}:{settings[name]['port']}")
        began = time.monotonic()
        try:
            for step in check(settings[name]):
                print(f"  ok    {step}")
            print(f"  took  {time.monotonic() - began:.2f} s")
        except (OSError, CheckFailed, pg8000.dbapi.Error, redis.RedisError, http.client.HTTPException) as error:
            failed += 1
            reason = f"{type(error).__name__}: {error}".replace(settings[name]["password"], "(password)")
            print(f"  FAILED  {reason}")
    print(f"{len(checks) - failed} of {len(checks)} services passed")
    return 1 if failed else 0


def check_postgres(settings: dict) -> list[str]:
    """Write a row in a table of its own, read it over a second connection, and remove the table."""
    connect = {key: settings[key] for key in ("port", "user", "password", "database")}
    connect |= {"host": settings["address"], "timeout": TIMEOUT_S}
    table, written = f"smoke_{secrets.token_hex(6)}", secrets.token_hex(16)
    first = pg8000.dbapi.connect(**connect)
    try:
        cursor = first.cursor()
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute(f"CREATE TABLE {table} (id serial PRIMARY KEY, word text NOT NULL)")
        cursor.execute(f"INSERT INTO {table} (word) VALUES (%s)", (written,))
        first.commit()
        try:
            read = _read_row(connect, table)
        finally:
            cursor.execute(f"DROP TABLE {table}")
            first.commit()
    finally:
        first.close()
    _expect(read, written, "the row read over a second connection")
    return [f"logged in as {settings['user']}, PostgreSQL {version}", "wrote a row", "read it over a second connection"]


def check_redis(settings: dict) -> list[str]:
    """Write a key that expires by itself, read it over a second connection, and see that a password is wanted."""
    place = {"host": settings["address"], "port": settings["port"]}
    # One try: the services are up when an errand runs, and one that needs a second try is to be seen.
    place |= {"socket_timeout": TIMEOUT_S, "retry": Retry(NoBackoff(), 0)}
    key, written = f"smoke:{secrets.token_hex(6)}", secrets.token_hex(16)
    with redis.Redis(**place, password=settings["password"], decode_responses=True) as first:
        version = first.info("server")["redis_version"]
        first.set(key, written, ex=60)
        with redis.Redis(**place, password=settings["password"], decode_responses=True) as second:
            _expect(second.get(key), written, "the key read over a second connection")
        first.delete(key)
    with redis.Redis(**place) as stranger:
        try:
            stranger.get(key)
        except (redis.AuthenticationError, redis.ResponseError):
            pass
        else:
            raise CheckFailed("it answers without a password")
    return [
        f"logged in, Redis {version}",
        "wrote a key and read it over a second connection",
        "it refuses a visitor without the password",
    ]


def check_nats(settings: dict) -> list[str]:
    """Send a message to a subscriber over a second connection, and see that a password is wanted."""
    subject, sent = f"smoke.{secrets.token_hex(6)}", secrets.token_hex(16)
    login = {"user": settings["user"], "pass": settings["password"]}
    with _Nats(settings, login) as receiver, _Nats(settings, login) as sender:
        for visitor in (receiver, sender):
            _expect(visitor.ask(), "PONG", "the answer to the login")
        receiver.send(f"SUB {subject} 1")
        _expect(receiver.ask(), "PONG", "the answer to the subscriber")
        sender.send(f"PUB {subject} {len(sent)}\r\n{sent}")
        _expect(sender.ask(), "PONG", "the answer to the sender")
        _expect(receiver.line(), f"MSG {subject} 1 {len(sent)}", "the message's head")
        _expect(receiver.line(), sent, "the message over a second connection")
        version = receiver.version
    with _Nats(settings, {}) as stranger:
        if "Authorization" not in stranger.ask():
            raise CheckFailed("it answers without a password")
    return [
        f"logged in as {settings['user']}, NATS {version}",
        "sent a message and received it over a second connection",
        "it refuses a visitor without the password",
    ]


def check_console(settings: dict) -> list[str]:
    """Log in through the form over TLS checked by the CA, and read the states the page shows."""
    visitor = _Browser(settings["address"], settings["port"], ca=settings["ca"])
    try:
        _expect(visitor.get("/")[0], 303, "the status of the page for a stranger")
        login = visitor.get("/login")[1]
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', login)
        if token is None:
            raise CheckFailed("the login page has no form")
        form = {"user": settings["user"], "form_token": token[1]}
        _expect(visitor.post("/login", form | {"password": "wrong"})[0], 401, "the status after a wrong password")
        _expect(visitor.post("/login", form | {"password": settings["password"]})[0], 303, "the status after login")
        _expect(visitor.get("/")[0], 200, "the status of the page for the administrator")
        services = json.loads(visitor.get("/api/services")[1])["services"]
    finally:
        visitor.close()
    down = [f"{one['instance']}: {one['trouble']}" for one in services if not one["up"]]
    if down:
        raise CheckFailed("it shows services that are down: " + "; ".join(down))
    names = ", ".join(f"{one['name']} {one['version']}" for one in services)
    return [
        "TLS with the platform's own authority",
        "it refuses a stranger and a wrong password",
        f"logged in as {settings['user']}",
        f"it shows as up: {names}",
    ]


def _read_row(connect: dict, table: str) -> str:
    second = pg8000.dbapi.connect(**connect)
    try:
        cursor = second.cursor()
        cursor.execute(f"SELECT word FROM {table}")
        return cursor.fetchone()[0]
    finally:
        second.close()


def _expect(seen: object, wanted: object, what: str) -> None:
    if seen != wanted:
        raise CheckFailed(f"{what} should be {wanted!r} and is {seen!r}")


class _Nats:
    """A connection by NATS's own protocol, which is lines of text; the server greets with what it is."""

    def __init__(self, settings: dict, login: dict) -> None:
        self._socket = socket.create_connection((settings["address"], settings["port"]), timeout=TIMEOUT_S)
        self._lines = self._socket.makefile("rb")
        self.version = str(json.loads(self.line().partition(" ")[2])["version"])
        self.send(f"CONNECT {json.dumps({**login, 'verbose': False, 'name': 'smoke-tests'})}")

    def __enter__(self) -> "_Nats":
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def send(self, command: str) -> None:
        self._socket.sendall(f"{command}\r\n".encode())

    def ask(self) -> str:
        """Send PING; the answer comes after everything that was sent before was done."""
        self.send("PING")
        return next((line for line in iter(self.line, "") if not line.startswith("INFO")), "")

    def line(self) -> str:
        return self._lines.readline(65_536).decode().strip()


class _Console(http.client.HTTPSConnection):
    """TLS to an address, with the certificate checked by a name."""

    def connect(self) -> None:
        """Open the socket."""
        plain = socket.create_connection((self.host, self.port), timeout=TIMEOUT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._context.wrap_socket(plain, server_hostname=CONSOLE_NAME)


class _Browser:
    """Keeps the one cookie, follows nothing."""

    def __init__(self, address: str, port: int, *, ca: str) -> None:
        context = ssl.create_default_context(cadata=ca)
        self._connection = _Console(address, port, context=context)
        self._cookie = ""

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        return self._ask("POST", path, urlencode(form))

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"cookie": self._cookie} if self._cookie else {}
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        kept = answer.headers.get("set-cookie")
        if kept:
            self._cookie = kept.partition(";")[0]
        return answer.status, text


if len(sys.argv) != 2:
    print("Usage: python -m smoke_tests SETTINGS", file=sys.stderr)
    sys.exit(2)
sys.exit(main(sys.argv[1]))
