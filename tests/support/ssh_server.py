"""A real SSH server on loopback that runs commands in this machine, with a VM's base directory of its own.

Takes a folder and the keys it accepts, gives a port. It also forwards connections, so it serves as a jumpbox.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

T = TypeVar("T")


async def _feed(source: "asyncssh.SSHReader[bytes]", target: asyncio.StreamWriter) -> None:
    """Give a child its input until it ends, or the connection does, or the child wants no more."""
    try:
        while chunk := await source.read(1 << 16):
            target.write(chunk)
            await target.drain()
    except (asyncssh.Error, OSError):
        pass
    target.close()


async def _pass_on(source: asyncio.StreamReader, target: "asyncssh.SSHWriter[bytes]") -> None:
    """Send what a child writes; output without a reader is dropped, so that the child can end."""
    while chunk := await source.read(1 << 16):
        try:
            target.write(chunk)
            await target.drain()
        except (asyncssh.Error, OSError):
            continue


async def _join(process: "asyncssh.SSHServerProcess[bytes]", child: asyncio.subprocess.Process) -> None:
    """Carry a child's input and output until it ends, then tell its exit code."""
    assert child.stdin and child.stdout and child.stderr
    feeding = asyncio.create_task(_feed(process.stdin, child.stdin))
    try:
        await asyncio.gather(_pass_on(child.stdout, process.stdout), _pass_on(child.stderr, process.stderr))
        code = await child.wait()
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])
    process.exit(code if code >= 0 else 255)


class _Door(asyncssh.SSHServer):
    """Who gets in, and that forwarding is allowed."""

    def __init__(self, server: "SshServer") -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.export_public_key() in self._server.accepted

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        self._server.forwarded += 1
        return True


@dataclass
class SshServer:
    """`port` is set by `start`. `accepted` are public keys; `connections` are all that were ever made."""

    folder: Path
    accepted: list[bytes]
    path: str = field(default_factory=lambda: os.environ["PATH"])
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    forwarded: int = 0
    port: int = 0
    files: type[asyncssh.SFTPServer] = asyncssh.SFTPServer
    patience_s: float = 5.0
    """So long commands have to see that their connection is gone before they are ended."""

    serving: "set[asyncio.Task[Any]]" = field(default_factory=set)

    def start(self) -> "SshServer":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._acceptor = self._run(self._listen())
        self.port = self._acceptor.get_port()
        return self

    def stop(self) -> None:
        self._run(self._end())
        self._run(self._end_commands())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def drop_connections(self) -> None:
        """Cut every connection, as when the machine vanishes and comes back."""
        self._run(self._abort())

    def freeze(self, for_s: float) -> None:
        """Answer nothing for a while, as a machine that hangs, or has died with its connections open."""
        self._loop.call_soon_threadsafe(time.sleep, for_s)

    def replace_host_key(self) -> None:
        """Be another machine at the same address."""
        self._run(self._end())
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor = self._run(self._listen())

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Door(self),
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            process_factory=self._serve,
            sftp_factory=self.files,
            encoding=None,
            line_editor=False,
            allow_scp=False,
        )

    async def _serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        command = process.command or "exit 1"
        self.commands.append(command)
        task = asyncio.current_task()
        assert task
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        child = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            env={"PATH": self.path, "HOME": str(self.folder), "COMPLEAT_GUEST_BASE": str(self.folder / "vcap")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            await _join(process, child)
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.communicate()
            raise

    async def _end_commands(self) -> None:
        """End what still runs, as a machine does that is switched off."""
        running = list(self.serving)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _abort(self) -> None:
        for connection in self.connections:
            connection.abort()
        await asyncio.sleep(0)

    async def _end(self) -> None:
        self._acceptor.close()
        await self._abort()
        await self._acceptor.wait_closed()
        # Children see their input end and go; give their readers one turn to notice.
        until_s = self._loop.time() + self.patience_s
        while self._loop.time() < until_s:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            if not others:
                return
            await asyncio.wait(others, timeout=0.05)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
