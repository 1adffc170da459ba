"""Sockets that belong to the cloud, made by the one thread of the edge that lives in its network.

Takes the descriptor of a network namespace, gives unconnected sockets. A socket stays in the namespace in which it was
created.
"""

import asyncio
import os
import queue
import socket
import threading

from cpi.clouds.local.inside.system import sysc

_DialRequest = asyncio.Future[socket.socket]
_Queued = tuple[_DialRequest, socket.AddressFamily]


class Dialer:
    def __init__(self, network: int) -> None:
        self._requests: queue.SimpleQueue[_Queued] = queue.SimpleQueue()
        arrived: queue.SimpleQueue[OSError | None] = queue.SimpleQueue()
        threading.Thread(target=self._live, args=(network, arrived), daemon=True).start()
        error = arrived.get()
        if error is not None:
            raise error

    async def connect(self, target: tuple[str, int], timeout_s: float) -> socket.socket:
        """A connected socket to `target` inside the cloud."""
        loop = asyncio.get_running_loop()
        request: _DialRequest = loop.create_future()
        self._requests.put((request, socket.AF_INET6 if ":" in target[0] else socket.AF_INET))
        made = await request
        try:
            await asyncio.wait_for(loop.sock_connect(made, target), timeout_s)
        except (OSError, TimeoutError):
            made.close()
            raise
        return made

    def _live(self, network: int, arrived: "queue.SimpleQueue[OSError | None]") -> None:
        try:
            sysc.setns(network, sysc.NEWNET)
        except OSError as error:
            arrived.put(error)
            return
        os.close(network)
        arrived.put(None)
        while True:
            request, family = self._requests.get()
            kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            try:
                made = socket.socket(family, kind, socket.IPPROTO_TCP)  # asyncio then sends at once
            except OSError as error:  # out of descriptors: this wish fails, and the next one is heard all the same
                request.get_loop().call_soon_threadsafe(_refuse, request, error)
            else:
                request.get_loop().call_soon_threadsafe(_fulfil, request, made)


def _refuse(request: _DialRequest, error: OSError) -> None:
    if not request.done():
        request.set_exception(error)


def _fulfil(request: _DialRequest, made: socket.socket) -> None:
    """The requester may be gone in the meantime."""
    if request.done():
        made.close()
    else:
        request.set_result(made)
