"""The pump between an SSH channel and a child's pipes, with a channel that hands over everything at once."""

import asyncio
import os
import subprocess
from typing import cast

import asyncssh

from cpi.local.inside.ssh_login import Child
from cpi.local.inside.ssh_pump import Pump

MUCH = b"x" * (2 << 20)
"""More than a pipe holds, and enough for the pump to have the channel hold back the rest."""


class HoldingChannel:
    """Paused, it keeps the rest of the input; resumed, it hands over that and the end, as asyncssh does."""

    def __init__(self) -> None:
        self.written = b""
        self.pump: Pump | None = None
        self.held = MUCH
        self.is_paused = False
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        if self.is_paused and self.held and self.pump is not None:
            self.is_paused, held, self.held = False, self.held, b""
            self.pump.feed(held)
            self.pump.end_input()

    def write(self, data: bytes, kind: int | None) -> None:
        self.written += data

    def exit(self, status: int) -> None:
        self.ended.set_result(status)


def test_input_that_was_held_back_arrives_whole() -> None:
    async def count() -> tuple[int, bytes, bool]:
        process = subprocess.Popen(["wc", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert process.stdin
        assert process.stdout
        pipes = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
        process.stdin.close()
        process.stdout.close()
        channel = HoldingChannel()
        child = Child(pid=process.pid, stdin=pipes[0], outputs=(pipes[1],))
        channel.pump = Pump(cast("asyncssh.SSHServerChannel[bytes]", channel), child)
        channel.pump.feed(MUCH)
        status = await asyncio.wait_for(channel.ended, 20)
        process.returncode = status  # the pump reaped it
        return status, channel.written.strip(), channel.held == b""

    assert asyncio.run(count()) == (0, str(2 * len(MUCH)).encode(), True)
