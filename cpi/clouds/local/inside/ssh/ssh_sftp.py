"""The file server of one SFTP session, in a process that is the user's already.

Takes SFTP on descriptors 0 and 1. asyncssh's server needs its own streams; small ones over pipes replace them.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import cast

import asyncssh
from asyncssh.logging import logger

_VERSION = 3


def serve_stdio() -> None:
    """Serve until the client closes."""
    asyncio.run(_serve())


class _Channel:
    """What the file server asks of a channel when there is none."""

    def get_environment(self) -> Mapping[str, str]:
        return {}

    def get_connection(self) -> None:
        return None

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default

    def is_closing(self) -> bool:
        return False

    async def wait_closed(self) -> None:
        return None


class _SftpReader:
    def __init__(self, stream: asyncio.StreamReader) -> None:
        self.readexactly = stream.readexactly
        self.logger = logger
        self.channel = _Channel()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default


class _Writer:
    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self.channel = _Channel()

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    async def wait_closed(self) -> None:
        return None


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    stream = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(0, "rb", 0))
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(1, "wb", 0))
    channel = cast("asyncssh.SSHServerChannel[bytes]", _Channel())
    reader = cast("asyncssh.SSHReader[bytes]", _SftpReader(stream))
    writer = cast("asyncssh.SSHWriter[bytes]", _Writer(transport))
    await asyncssh.sftp.run_sftp_server(asyncssh.SFTPServer(channel), reader, writer, _VERSION)
