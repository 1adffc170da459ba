"""The settings file and the desired state of services."""

import json
import socket
import threading
from pathlib import Path

import pytest
from console import services, settings

from tests.unit.manifests.console.visiting import POSTGRES, REDIS, SETTINGS

_SERVICE = {"kind": "redis", "instance": "redis/0", "address": "10.0.0.6", "port": 6379, "password": "rd-secret-word"}
_FILE = {
    "title": "Platform", "deployment": "platform", "port": 8443, "admin_user": "admin", "admin_password": "open-sesame",
    "previous_admin_password": "open-sesame", "session_key": "s" * 40, "previous_session_key": "s" * 40, "session_hours": 8, "certificate": "", "private_key": "", "services": [_SERVICE],
}  # fmt: skip


def test_the_settings_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "console.json").write_text(json.dumps(_FILE))
    assert settings.load_settings(tmp_path / "console.json").services == (REDIS,)


@pytest.mark.parametrize(("change", "error"), [({"colour": 1}, TypeError), ({"session_key": "short"}, ValueError)])
def test_a_key_too_many_and_a_short_session_key_are_refused(
    tmp_path: Path, change: dict[str, object], error: type[Exception]
) -> None:
    (tmp_path / "console.json").write_text(json.dumps(_FILE | change))
    with pytest.raises(error, match=next(iter(change))):
        settings.load_settings(tmp_path / "console.json")


def test_no_secret_is_in_what_is_printed_of_the_settings() -> None:
    shown = repr(SETTINGS)
    assert [secret for secret in ("pg-", "rd-secret-word", "open-sesame", "ssss") if secret in shown] == []


def test_a_service_that_does_not_listen_is_down_and_says_why() -> None:
    closed = [settings.Service(kind=kind, instance="x/0", address="127.0.0.1", port=1, password="pw-secret",
                               database="d", user="u") for kind in ("postgresql", "redis", "nats")]  # fmt: skip
    states = services.ask_all(closed, services.ask_service)
    assert [(state.up, state.version, state.facts) for state in states] == [(False, "", ())] * 3
    assert all("127.0.0.1" in state.trouble and "pw-secret" not in state.trouble for state in states)


def test_commands_quote_what_a_shell_would_read() -> None:
    odd = settings.Service(kind="redis", instance="redis/0", address="a b", port=1, password="")
    assert services.command(odd) == "redis-cli -h 'a b' -p 1 --askpass"
    nats = settings.Service(kind="nats", instance="redis/0", address="a b", port=1, password="", user="u")
    assert "nats -s 'a b':1 --user u account info" in services.command(nats)
    assert services.command(POSTGRES) == "psql 'host=10.0.0.5 port=5432 dbname=platform user=platform'"


@pytest.mark.parametrize(
    ("greeting", "answer", "trouble"),
    [
        (b'INFO {"version": "2.15.1", "max_payload": 1048576, "jetstream": true}', b"PONG", ""),
        (b'INFO {"version": "2.15.1", "max_payload": 1048576}', b"-ERR 'Authorization Violation'", "Authorization"),
        (b"220 mail.example", b"PONG", "no NATS server"),
        (b"INFO {}", b"", "the connection was closed"),
    ],
)
def test_what_a_nats_server_says_of_itself(greeting: bytes, answer: bytes, trouble: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = threading.Thread(target=_answer_once, args=(server, greeting, answer))
        said.start()
        port = server.getsockname()[1]
        asked = settings.Service(kind="nats", instance="x/0", address="127.0.0.1", port=port, password="p", user="u")
        state = services.ask_service(asked)
        said.join()
    assert (state.up, trouble in state.trouble) == (not trouble, True)
    if state.up:
        assert (state.version, state.facts) == ("2.15.1", (("Largest message", "1.0 MiB"), ("Messages kept", "on disk")))


def _answer_once(server: socket.socket, greeting: bytes, answer: bytes) -> None:
    visitor, _ = server.accept()
    with visitor, visitor.makefile("rb") as lines:
        visitor.sendall(greeting + b"\r\n")
        for _ in range(2):
            lines.readline()
        visitor.sendall(answer + b"\r\n" if answer else b"")
