"""Starts the process of a task's page, on a loopback socket that is open before anything of the web is imported.

Takes settings and a task, gives the page's address. The process ends with this one, unless a browser still looks.
"""

import json
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from cpi.contract.value_classes import dataclass
from director.app.sessions.settings import Settings

_LOOPBACK = "127.0.0.1"
_PATIENCE_S = 0.3
"""How long the end of a page that no browser has opened is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProcess:
    """`url` has the token that lets one browser in."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def page_process(settings: Settings, task: int | None, *, is_following: bool = True) -> Iterator[PageProcess]:
    """Within, the page of the task (the newest when None) is served.

    With `is_following` it shows a newer task of the environment once that one is over. Raises OSError where no socket
    or no process can be had.
    """
    with socket.create_server((_LOOPBACK, 0)) as listening:
        token = secrets.token_urlsafe(24)
        order = {
            "home": settings.home,
            "environment": settings.environment,
            "program": settings.program,
            "socket": listening.fileno(),
            "token": token,
            "task": task,
            "is_following": is_following,
        }
        process = _started(listening.fileno())
        url = f"https://{_LOOPBACK}:{listening.getsockname()[1]}/enter/{token}"
    with _ending(process) as pipe:
        pipe.write(json.dumps(order).encode() + b"\n")
        pipe.flush()
        yield PageProcess(url=url, process=process)


def _started(descriptor: int) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C is the command's alone. -P: no module of the current folder is taken."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "director.page"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        start_new_session=True,
    )


@contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[IO[bytes]]:
    """At the end the process's standard input is closed, which it ends with."""
    assert process.stdin is not None
    try:
        yield process.stdin
    finally:
        with suppress(OSError):
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_S)
