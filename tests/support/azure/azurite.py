"""The blobs of storage accounts: Azurite, Microsoft's emulator of them (npm), which checks signatures itself.

Takes an account's name and key, gives its address at once; its process starts with the first connection and holds
everything in memory. `COMPLEAT_AZURITE` names the program; `make test` installs it.
"""

import base64
import email.utils
import hashlib
import hmac
import os
import re
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from tests import prerequisites
from tests.support import relay
from tests.support.azure.tls import Certificates

PROGRAM = prerequisites.BY_NAME["azurite"].path()
REASON = prerequisites.BY_NAME["azurite"].reason()
_VERSION = "2021-08-06"
_UNSAID = "\n" * 12
"""Eleven headers of a request that it does not have."""
_LISTENS = re.compile(r"listens on https://[^:]+:(\d+)")
_MOVED = re.compile(r'"(GET|PUT) /[^/]+/[^/]+/(sha256/[0-9a-f]+)\?[^"]*" 20[01] ')


def _nothing(_port: int) -> None:
    """The default observer, which does nothing."""


class Azurite:
    """One account's."""

    def __init__(self, certificates: Certificates, moved: list[str], *, account: str, key: str) -> None:
        self._certificates = certificates
        self._moved = moved
        self._account, self._key = account, key
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._is_ended = False
        self._listener = socket.create_server((relay.LOOPBACK, 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"https://{relay.LOOPBACK}:{self.port}/{account}/"
        threading.Thread(target=relay.serve, args=(self._listener, self._started), daemon=True).start()

    def make_container(self, name: str) -> bool:
        """Whether it was not there before."""
        try:
            self._change("PUT", name)
        except urllib.error.HTTPError as error:
            error.close()
            if error.headers["x-ms-error-code"] != "ContainerAlreadyExists":
                raise
            return False
        return True

    def drop_container(self, name: str) -> None:
        """Lose it behind everybody's back."""
        self._change("DELETE", name)

    def _change(self, method: str, container: str) -> None:
        """Signed by the key itself, as no URL can be that makes a container."""
        date = email.utils.formatdate(usegmt=True)
        path = f"/{self._account}/{self._account}/{container}"
        words = f"{method}{_UNSAID}x-ms-date:{date}\nx-ms-version:{_VERSION}\n{path}\nrestype:container".encode()
        signature = base64.b64encode(hmac.new(base64.b64decode(self._key), words, hashlib.sha256).digest()).decode()
        headers = {
            "x-ms-date": date,
            "x-ms-version": _VERSION,
            "Content-Length": "0",
            "Authorization": f"SharedKey {self._account}:{signature}",
        }
        request = urllib.request.Request(f"{self.url}{container}?restype=container", method=method, headers=headers)
        context = ssl.create_default_context(cafile=self._certificates.ca)
        urllib.request.urlopen(request, timeout=60, context=context).close()

    def end(self) -> None:
        """Kill it with its content. A graceful end would wait for unused connections."""
        with self._lock:
            self._is_ended = True
            relay.close(self._listener)
            if self._process is not None:
                self._process.kill()
                self._process.wait(20)

    def _started(self) -> int:
        with self._lock:
            if self._is_ended:
                raise ConnectionRefusedError("the account is gone")
            if self._process is None:
                self._process = self._start()
                assert self._process.stdout is not None
                found = next(filter(None, map(_LISTENS.search, self._process.stdout)))
                self._port = int(found[1])
                threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
            return self._port

    def _start(self) -> subprocess.Popen[str]:
        command = [PROGRAM, "--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry"]
        command += ["--cert", self._certificates.chain, "--key", self._certificates.key]
        accounts = {"AZURITE_ACCOUNTS": f"{self._account}:{self._key}"}
        return subprocess.Popen(
            command, env={**os.environ, **accounts}, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )

    def _read(self, process: subprocess.Popen[str]) -> None:
        """Its log of calls, a line each, until it ends."""
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                found = _MOVED.search(line)
                if found is not None:
                    self._moved.append(f"{found[1]} {found[2]}")


@dataclass(slots=True, kw_only=True)
class Blobs:
    """Those of all accounts, by the account's name. Implements AccountBlobs.

    `moved` are the calls that moved blobs: "PUT NAME", "GET NAME".
    """

    certificates: Certificates
    opened: Callable[[int], None] = _nothing
    """Told the port on this machine's loopback of each that is opened."""

    moved: list[str] = field(default_factory=list)
    held: dict[str, Azurite] = field(default_factory=dict)

    def open(self, account: str, key: str) -> str:
        """The account's address; twice is once."""
        if account not in self.held:
            self.held[account] = Azurite(self.certificates, self.moved, account=account, key=key)
            self.opened(self.held[account].port)
        return self.held[account].url

    def make_container(self, account: str, name: str) -> bool:
        return self.held[account].make_container(name)

    def drop_container(self, account: str, name: str) -> None:
        self.held[account].drop_container(name)

    def close(self, account: str) -> None:
        """Lose them; without any, that is success."""
        held = self.held.pop(account, None)
        if held is not None:
            held.end()

    def close_all(self) -> None:
        """Lose all."""
        for account in tuple(self.held):
            self.close(account)
