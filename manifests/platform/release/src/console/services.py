"""What the services say of themselves, asked live.

Takes a Service, gives its State: an answer, or why there is none. Nothing here raises, and no text holds a password.
"""

import json
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from shlex import quote
from typing import assert_never

import pg8000.dbapi
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from console.settings import Service

TIMEOUT_S = 3
_LONGEST_LINE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a service answered. `facts` are pairs of a label and a value; `trouble` is empty when it is up."""

    up: bool
    version: str
    answered_ms: float
    facts: tuple[tuple[str, str], ...]
    trouble: str


Probe = Callable[[Service], State]


def ask_service(service: Service) -> State:
    """Log in at the service and read its version and figures."""
    began = time.monotonic()
    try:
        match service.kind:
            case "postgresql":
                version, facts = _ask_postgresql(service)
            case "redis":
                version, facts = _ask_redis(service)
            case "nats":
                version, facts = _ask_nats(service)
            case _:
                assert_never(service.kind)
    except (OSError, pg8000.dbapi.Error, redis.RedisError) as error:
        return State(up=False, version="", answered_ms=_since(began), facts=(), trouble=_explain(error, service))
    return State(up=True, version=version, answered_ms=_since(began), facts=facts, trouble="")


def ask_all(services: Iterable[Service], probe: Probe) -> tuple[State, ...]:
    """Ask every service at the same time; answers come in the order of the services."""
    listed = tuple(services)
    with ThreadPoolExecutor(max_workers=max(1, len(listed))) as pool:
        return tuple(pool.map(probe, listed))


def title(service: Service) -> str:
    """Give the name people know the service by."""
    return {"postgresql": "PostgreSQL", "redis": "Redis", "nats": "NATS"}[service.kind]


def command(service: Service) -> str:
    """Give the command that connects from a machine of the network; it asks for the password."""
    match service.kind:
        case "postgresql":
            target = f"host={service.address} port={service.port} dbname={service.database} user={service.user}"
            return f"psql {quote(target)}"
        case "redis":
            return f"redis-cli -h {quote(service.address)} -p {service.port} --askpass"
        case "nats":
            # The tool takes a password from this variable alone.
            server = f"nats -s {quote(service.address)}:{service.port} --user {quote(service.user)} account info"
            return f"read -rs NATS_PASSWORD && export NATS_PASSWORD && {server}"
        case _:
            assert_never(service.kind)


def _ask_postgresql(service: Service) -> tuple[str, tuple[tuple[str, str], ...]]:
    connection = pg8000.dbapi.connect(
        host=service.address,
        port=service.port,
        user=service.user,
        password=service.password,
        database=service.database,
        timeout=TIMEOUT_S,
        application_name="console",
    )
    try:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections'), extract(epoch FROM now() - pg_postmaster_start_time())"
        )
        version, size, connections, most, uptime_s = cursor.fetchone()
    finally:
        connection.close()
    facts = (
        ("Up for", _duration(float(uptime_s))),
        ("Connections", f"{connections} of {most}"),
        ("Database size", _size(int(size))),
    )
    return str(version), facts


def _ask_redis(service: Service) -> tuple[str, tuple[tuple[str, str], ...]]:
    with redis.Redis(
        host=service.address,
        port=service.port,
        password=service.password,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        client_name="console",
        # One try: whoever looks at the page wants to know how it is now.
        retry=Retry(NoBackoff(), 0),
    ) as client:
        answer = client.info()
        keys = client.dbsize()
    facts = (
        ("Up for", _duration(float(answer["uptime_in_seconds"]))),
        ("Clients", str(answer["connected_clients"])),
        ("Data", f"{keys} {'key' if keys == 1 else 'keys'}, {_size(int(answer['used_memory']))}"),
    )
    return str(answer["redis_version"]), facts


def _ask_nats(service: Service) -> tuple[str, tuple[tuple[str, str], ...]]:
    """By NATS's own protocol, which is lines of text: the server greets with what it is, and answers PING once it knows
    who asks.
    """
    try:
        connection = socket.create_connection((service.address, service.port), timeout=TIMEOUT_S)
    except OSError as error:
        raise ConnectionError(f"{service.address}:{service.port}: {error.strerror or error}") from error
    with connection:
        lines = connection.makefile("rb")
        greeting = lines.readline(_LONGEST_LINE).partition(b" ")[2]
        login = {"user": service.user, "pass": service.password, "verbose": False, "name": "console"}
        connection.sendall(b"CONNECT " + json.dumps(login).encode() + b"\r\nPING\r\n")
        answer = next((line for line in lines if not line.startswith(b"INFO")), b"")
    if answer.strip() != b"PONG":
        raise ConnectionError(answer.decode(errors="replace").strip() or "the connection was closed")
    try:
        about = json.loads(greeting)
    except ValueError as error:
        raise ConnectionError("the server is no NATS server") from error
    facts = (
        ("Largest message", _size(int(about["max_payload"]))),
        ("Messages kept", "on disk" if about.get("jetstream") else "no"),
    )
    return str(about["version"]), facts


def _explain(error: Exception, service: Service) -> str:
    text = str(error) or type(error).__name__
    if error.args and isinstance(error.args[0], dict):
        # What the PostgreSQL server says: fields by letter, M is the message for people.
        text = str(error.args[0].get("M", "refused"))
    elif isinstance(error.__cause__, OSError) and error.__cause__.strerror:
        text = f"{service.address}:{service.port}: {error.__cause__.strerror}"
    return text.replace(service.password, "(password)")[:300] if service.password else text[:300]


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def _duration(seconds: float) -> str:
    minutes, _ = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{int(seconds)} s"
