"""Where a command prints the address of its page: on a terminal, or where it is requested."""

import os
import pty
import re
import socket
import subprocess

import pytest

from tests.support.command import ROOT, Compleat, Ran

_ADDRESS = re.compile(r"Watch: https://127\.0\.0\.1:(\d+)/enter/\S+")


@pytest.fixture(scope="module")
def compleat(tmp_path_factory: pytest.TempPathFactory) -> Compleat:
    """A home without an environment: `down` is a task that is refused."""
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    return Compleat(home=home, environment="local")


@pytest.fixture(scope="module")
def ran(compleat: Compleat) -> dict[str, Ran]:
    """`down` off a terminal by its further word; tasks 1 to 3."""
    return {word: compleat.run("down", *word.split()).ended(3) for word in ("-n", "-n --watch", "-n --no-watch")}


def test_off_a_terminal_a_page_is_offered_on_request_alone(ran: dict[str, Ran]) -> None:
    offered = {word: bool(_ADDRESS.search(each.err)) for word, each in ran.items()}
    assert offered == {"-n": False, "-n --watch": True, "-n --no-watch": False}
    assert [each.out for each in ran.values()] == ["", "", ""]


def test_the_address_is_dead_once_its_command_has_ended(ran: dict[str, Ran]) -> None:
    found = _ADDRESS.search(ran["-n --watch"].err)
    assert found is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(found[1])), timeout=10)


def test_on_a_terminal_it_is_offered(compleat: Compleat, ran: dict[str, Ran]) -> None:
    assert _ADDRESS.search(_on_a_terminal(compleat))


def test_the_task_records_what_was_typed(compleat: Compleat, ran: dict[str, Ran]) -> None:
    tasks = compleat.run("tasks", "--json").ended().json["tasks"]
    commands = {int(task["task"]): str(task["command"]) for task in tasks}
    assert ("--watch" in commands[2], "--no-watch" in commands[3]) == (True, True)


def _on_a_terminal(compleat: Compleat) -> str:
    """What the command prints on a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        compleat.argv("down", "-n"), cwd=ROOT, env=compleat.env(), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 4096):
            printed += chunk
    except OSError:
        pass  # every end of the terminal is closed
    os.close(ours)
    process.wait(60)
    return printed.decode(errors="replace")
