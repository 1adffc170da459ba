"""The process of a cloud's load balancers: listens on their addresses, probes machines, and joins connections.

Takes a state directory; reads the records again at each line on STATE/balancers.sock, and every second which machines
there are. Ends with the last balancer, or with the cloud.
"""

import asyncio
import contextlib
import gc
import json
import os
import resource
import socket

from cpi.clouds.local.inside.networks import edge_pipes
from cpi.clouds.local.inside.networks.balanced_pool import BalancedPool
from cpi.clouds.local.inside.records import balancer_records, locks, records
from cpi.clouds.local.inside.system import daemon, log, sockets, sysc

_LOOK_S = 1.0
_CONNECT_S = 5.0
_Key = tuple[str, int]


def start(state: str) -> int:
    """Start it from a process of the cloud, and wait until it listens; 0 is success."""
    return daemon.start_detached(f"{state}/log/balancing.log", lambda ready: _run(state, ready))


def _run(state: str, ready: daemon.Ready) -> None:
    lock = locks.wait_and_hold(f"{state}/{sockets.BALANCER_LOCK}")
    control = sockets.listen(state, sockets.BALANCERS)
    daemon.keep_only(ready.descriptor, lock, control.fileno())
    sysc.set_process_name("cloud-balancer")
    gc.enable()  # the service that it is forked from has it off
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_Balancing(state).serve(control, ready))


class _Balancing:
    def __init__(self, state: str) -> None:
        self._state = state
        self._servers: dict[_Key, asyncio.Server] = {}
        self._pools: dict[_Key, BalancedPool] = {}
        self._ended = asyncio.Event()

    async def serve(self, control: socket.socket, ready: daemon.Ready) -> None:
        """Serve until no balancer is left."""
        control.setblocking(False)
        loop = asyncio.get_running_loop()
        commands: set[asyncio.Future[None]] = set()  # the loop alone holds them weakly

        def accept() -> None:
            with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
                command = asyncio.ensure_future(self._obey(control.accept()[0]))
                commands.add(command)
                command.add_done_callback(commands.discard)

        await self._reload()
        loop.add_reader(control, accept)
        ready.report()
        looking = asyncio.ensure_future(self._look())
        await self._ended.wait()
        looking.cancel()
        os._exit(0)

    async def _obey(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            if await reader.readline():
                failures = await self._reload()
                writer.write(json.dumps(failures).encode() + b"\n")
                await writer.drain()
        except OSError as error:
            log.say(f"a command failed: {error!r}")
        finally:
            writer.close()
        if not self._servers and not balancer_records.list_balancers(self._state):
            self._ended.set()

    async def _reload(self) -> list[str]:
        """Open what is recorded and not open, close what is no longer recorded; gives what could not be opened."""
        wanted = {
            (balancer["ip"], rule["port"]): (name, rule)
            for balancer in balancer_records.list_balancers(self._state)
            for name, rule in balancer_records.all_rules(balancer)
        }
        led = {key: name for key, (name, _) in wanted.items()}
        for key in [key for key in self._servers if led.get(key) != self._pools[key].name]:
            self._servers.pop(key).close()
            self._pools.pop(key)
        failures = []
        for key, (name, rule) in sorted(wanted.items()):
            pool = self._pools.setdefault(key, BalancedPool(name, rule))
            pool.follow(rule)
            pool.keep(_members(self._state, name))
            if key not in self._servers:
                try:
                    self._servers[key] = await self._listen(key, pool)
                except OSError as error:
                    failures.append(f"{key[0]}:{key[1]}: {error.strerror}")
        return failures

    async def _listen(self, key: _Key, pool: BalancedPool) -> asyncio.Server:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for machine in pool.order():
                try:
                    waiting = asyncio.open_connection(machine, pool.machine_port, limit=edge_pipes.BUFFER)
                    inner = await asyncio.wait_for(waiting, _CONNECT_S)
                except (OSError, TimeoutError) as error:
                    log.say(f"{pool.name}: {machine}:{pool.machine_port} cannot be reached: {error!r}")
                    continue
                await edge_pipes.couple((reader, writer), inner, idle_s=pool.idle_s)
                return
            writer.close()

        return await asyncio.start_server(accept, *key, reuse_address=True, limit=edge_pipes.BUFFER, backlog=512)

    async def _look(self) -> None:
        """Follow machines that come and go, and probe those whose turn it is."""
        while True:
            for pool in tuple(self._pools.values()):
                pool.keep(_members(self._state, pool.name))
                pool.probe()
            await asyncio.sleep(_LOOK_S)


def _members(state: str, balancer: str) -> list[str]:
    """The first IPv4 address of each machine behind a balancer, or of the one that a rule leads to."""
    found = []
    for vm in records.list_whole_vms(state):
        if balancer in balancer_records.named_by(vm):
            found += [nic["ip"] for nic in vm["nics"] if nic["network"] and ":" not in nic["ip"]][:1]
    return found
