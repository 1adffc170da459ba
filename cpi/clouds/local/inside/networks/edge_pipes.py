"""Join a connection of the host's side with one inside the cloud, until both have said all.

Takes a dialer, a target and the host's streams.
"""

import asyncio
import contextlib
import time

from cpi.clouds.local.inside.networks import edge_dialer
from cpi.clouds.local.inside.system import log

BUFFER = 1 << 18
_DIAL_S = 10.0
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def join(dialer: edge_dialer.Dialer, target: tuple[str, int], outer: _Streams) -> None:
    """Carry bytes both ways. A target that cannot be reached closes the host's connection."""
    try:
        made = await dialer.connect(target, _DIAL_S)
    except (OSError, TimeoutError) as error:
        log.say(f"{target[0]}:{target[1]} cannot be reached: {error!r}")
        outer[1].close()
        return
    await couple(outer, await asyncio.open_connection(sock=made, limit=BUFFER))


async def couple(outer: _Streams, inner: _Streams, *, idle_s: float = 0.0) -> None:
    """Carry bytes both ways until both sides have said all, or for `idle_s` neither has said anything (0: for ever)."""
    activity = _Activity()
    writers = (outer[1], inner[1])
    watching = asyncio.ensure_future(_end_when_idle(activity, idle_s, writers)) if idle_s else None
    await asyncio.gather(_carry(outer[0], inner[1], activity), _carry(inner[0], outer[1], activity))
    if watching is not None:
        watching.cancel()
    for writer in writers:
        writer.close()


class _Activity:
    """When a byte was carried last, by the monotonic clock."""

    def __init__(self) -> None:
        self.at = time.monotonic()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, activity: _Activity) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(BUFFER):
            activity.at = time.monotonic()
            writer.write(data)
            await writer.drain()
        writer.write_eof()
        return
    writer.close()


async def _end_when_idle(
    activity: _Activity, idle_s: float, writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
) -> None:
    while (left := activity.at + idle_s - time.monotonic()) > 0:
        await asyncio.sleep(left)
    for writer in writers:
        writer.transport.abort()
