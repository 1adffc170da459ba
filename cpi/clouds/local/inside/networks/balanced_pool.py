"""The machines behind one rule of a load balancer, and which of them serve.

Takes addresses and a rule, gives the order in which a connection tries machines. A machine with a probe serves once a
probe succeeded, and until so many in a row have failed; without a probe each one serves.
"""

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass

from cpi.clouds.local.inside.records.balancer_records import BalancingRecord
from cpi.clouds.local.inside.system import log

_PROBE_S = 5.0
_OK = b"200"


@dataclass(slots=True)
class _MachineHealth:
    """`due` is when it is probed next, by the monotonic clock."""

    serves: bool
    failures: int = 0
    due: float = 0.0


class BalancedPool:
    """`name` is what its machines name: the balancer, or a rule that leads to one of them."""

    def __init__(self, name: str, rule: BalancingRecord) -> None:
        self.name = name
        self._rule = rule
        self._machines: dict[str, _MachineHealth] = {}
        self._turn = 0
        self._probing: set[asyncio.Future[None]] = set()

    @property
    def machine_port(self) -> int:
        """The port of the machines."""
        return self._rule["machine_port"]

    @property
    def idle_s(self) -> float:
        """After so long without a byte a connection is closed."""
        return self._rule["idle_minutes"] * 60.0

    def follow(self, rule: BalancingRecord) -> None:
        """Have another rule; open connections stay. Machines that another probe watches must show themselves again."""
        if rule != self._rule:
            self._rule = rule
            self._machines = {machine: self._new() for machine in self._machines}

    def keep(self, machines: list[str]) -> None:
        """Have these machines, and no others."""
        self._machines = {machine: self._machines.get(machine) or self._new() for machine in machines}

    def order(self) -> list[str]:
        """The machines that serve, each in its turn the first."""
        serving = [machine for machine, health in self._machines.items() if health.serves]
        self._turn += 1
        first = self._turn % len(serving) if serving else 0
        return [*serving[first:], *serving[:first]]

    def probe(self) -> None:
        """Begin the probes that are due."""
        if not self._rule["probe_protocol"]:
            return
        now = time.monotonic()
        for machine, health in self._machines.items():
            if health.due <= now:
                health.due = now + self._rule["probe_interval_s"]
                probing = asyncio.ensure_future(self._probe(machine, health))
                self._probing.add(probing)
                probing.add_done_callback(self._probing.discard)

    def _new(self) -> _MachineHealth:
        return _MachineHealth(serves=not self._rule["probe_protocol"])

    async def _probe(self, machine: str, health: _MachineHealth) -> None:
        rule = self._rule
        patience = min(_PROBE_S, rule["probe_interval_s"])
        try:
            is_up = await asyncio.wait_for(_is_up(machine, rule), patience)
        except (OSError, TimeoutError, ValueError):  # ValueError: an answer without an end of line
            is_up = False
        if rule is not self._rule:
            return
        health.failures = 0 if is_up else health.failures + 1
        serves = is_up or (health.serves and health.failures < rule["probe_failures"])
        if serves != health.serves:
            log.say(f"{self.name}: {machine}:{rule['machine_port']} {'serves' if serves else 'does not serve'}")
        health.serves = serves


async def _is_up(machine: str, rule: BalancingRecord) -> bool:
    """Whether a connection is accepted; with HTTP, whether the answer is 200. The certificate is not checked."""
    context = ssl._create_unverified_context() if rule["probe_protocol"] == "https" else None
    reader, writer = await asyncio.open_connection(machine, rule["probe_port"], ssl=context)
    try:
        if rule["probe_protocol"] == "tcp":
            return True
        head = f"GET {rule['probe_path']} HTTP/1.1\r\nHost: {machine}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode("ascii"))
        await writer.drain()
        return (await reader.readline()).split(b" ")[1:2] == [_OK]
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
