"""The program `edge`: the host's side of a cloud's public addresses. Listens on the host, dials inside the cloud.

Takes a state directory; opens what edge.json lists, again at each line on STATE/edge.sock; ends with the cloud.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys

from cpi.clouds.local.inside.networks import edge_dialer, edge_pipes
from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.system import daemon, log, sockets, sysc
from cpi.clouds.local.inside.system.modes import Mode


def main(arguments: list[str]) -> int:
    """Serve the cloud of the state directory `arguments[0]`."""
    state = arguments[0]
    cloud = records.load_cloud(state)
    first = locks.find_holder(f"{state}/lock")
    if cloud is None or first <= 0:
        sys.stderr.write("The cloud's first process is gone.")
        return 1
    mode = Mode(cloud["mode"])
    return daemon.start_detached(f"{state}/log/edge.log", lambda ready: _run(state, (first, mode), ready))


def _run(state: str, cloud: tuple[int, Mode], ready: daemon.Ready) -> None:
    first, mode = cloud
    lock = locks.hold(f"{state}/{sockets.EDGE_LOCK}")
    alive = os.pidfd_open(first)
    network = os.open(f"/proc/{first}/ns/net", os.O_RDONLY)
    control = sockets.listen(state, sockets.EDGE)
    if not mode.is_root():  # while there is one thread still
        sysc.setns(os.open(f"/proc/{first}/ns/user", os.O_RDONLY), sysc.NEWUSER)
    daemon.keep_only(ready.descriptor, lock, alive, network, control.fileno())
    sysc.set_process_name("cloud-edge")
    dialer = edge_dialer.Dialer(network)
    asyncio.run(_Edge(state, dialer).serve(control, alive, ready))


class _Edge:
    def __init__(self, state: str, dialer: edge_dialer.Dialer) -> None:
        self._state = state
        self._dialer = dialer
        self._open: dict[tuple[str, int, str, int], asyncio.Server] = {}
        self._commands: set[asyncio.Future[None]] = set()  # the loop alone holds them weakly

    async def serve(self, control: socket.socket, alive: int, ready: daemon.Ready) -> None:
        """Serve until the cloud's first process ends."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        loop.add_reader(alive, _finish, ended, alive)
        await self.reload()
        control.setblocking(False)
        loop.add_reader(control, self._accept, control)
        ready.report()
        await ended
        os._exit(0)

    async def reload(self) -> list[str]:
        """Open what is listed and not open, close what is no longer listed; gives what could not be opened."""
        wanted = {
            (forward["host"], forward["listen"], forward["address"], forward["port"])
            for forward in records.load_edge(self._state)["forwards"]
        }
        for key in set(self._open) - wanted:
            self._open.pop(key).close()
        failures = []
        for key in sorted(wanted - set(self._open)):
            try:
                self._open[key] = await self._listen_for(key)
            except OSError as error:
                failures.append(f"{key[0]}:{key[1]}: {error.strerror}")
        return failures

    def _accept(self, control: socket.socket) -> None:
        # No asyncio server: since Python 3.13 it looks up the path that the socket was bound to, and that one goes
        # through a descriptor which is closed by now (sockets.listen).
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            command = asyncio.ensure_future(self._obey(control.accept()[0]))
            self._commands.add(command)
            command.add_done_callback(self._obeyed)

    async def _obey(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            if await reader.readline():
                writer.write(json.dumps(await self.reload()).encode() + b"\n")
                await writer.drain()
        finally:
            writer.close()  # the waiting peer sees the end

    def _obeyed(self, command: asyncio.Future[None]) -> None:
        self._commands.discard(command)
        if not command.cancelled() and (error := command.exception()):
            log.say(f"a command failed: {error!r}")

    async def _listen_for(self, key: tuple[str, int, str, int]) -> asyncio.Server:
        host, port, address, target = key

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await edge_pipes.join(self._dialer, (address, target), (reader, writer))

        return await asyncio.start_server(forward, host, port, reuse_address=True, limit=edge_pipes.BUFFER)


def _finish(ended: "asyncio.Future[None]", alive: int) -> None:
    asyncio.get_running_loop().remove_reader(alive)
    ended.set_result(None)
