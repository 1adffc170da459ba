"""Join a connection of the host's side with one inside the cloud, until both have said all.

Takes a dialer, a target and the host's streams.
"""

import asyncio
import contextlib

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
    inner = await asyncio.open_connection(sock=made, limit=BUFFER)
    await asyncio.gather(_carry(outer[0], inner[1]), _carry(inner[0], outer[1]))
    for writer in (outer[1], inner[1]):
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(BUFFER):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
        return
    writer.close()
