"""Serves a page for as long as it is needed: everything slow is imported here.

Takes what the command asked for, serves on the socket that it opened.
"""

import socket
import sys
import time
from collections.abc import Mapping
from functools import partial

import uvicorn

from director.app.use_cases.watch import WatchedTask
from director.app.wiring import pages, records
from director.page import fragments, orders
from director.page.application import PageApplication
from director.page.entrance import Entrance
from director.page.fragments import Fragments
from director.page.presence import Presence

_GRACE_S = 1


def serve(data: Mapping[str, object]) -> None:
    """Serve until the command has ended and no browser looks. Raises ExplainedError for a home that is gone."""
    order = orders.read_order(data)
    listening = socket.socket(fileno=order.socket)
    port = listening.getsockname()[1]
    presence = Presence(sys.stdin.fileno(), now=time.monotonic)
    with records.open_history(order.settings) as history:
        new_task = partial(WatchedTask, history, order.task, now=time.time, is_following=order.is_following)
        page = PageApplication(
            Fragments(fragments.environment()),
            entrance=Entrance(order.token, now=time.monotonic),
            presence=presence,
            hosts=frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}),
            new_task=new_task,
        )
        page.program = order.settings.program
        server = _server(page, presence, certificate=pages.certificate_file(order.settings))
        server.run(sockets=[listening])


def _server(page: PageApplication, presence: Presence, *, certificate: str) -> uvicorn.Server:
    """uvicorn without words of its own; once a second it looks whether it is still needed."""

    async def look() -> None:
        server.should_exit = server.should_exit or presence.look()

    config = uvicorn.Config(
        page.asgi(),
        ssl_certfile=certificate,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        loop="asyncio",
        http="h11",
        h11_max_incomplete_event_size=16 * 1024,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_notify=0,
        callback_notify=look,
        limit_concurrency=32,
    )
    server = uvicorn.Server(config)
    return server
