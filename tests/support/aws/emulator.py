"""AWS as a server of this process: moto, our layer before it, on loopback and a port of its own.

Takes nothing, gives an endpoint for boto3; what happens there can be seen and steered.
"""

import contextlib
import functools
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend
from moto.core import responses, utils
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.support.aws import afterwards, back, calls, presigned, seeds
from tests.support.aws.faults import Faults
from tests.support.aws.front import Front
from tests.support.aws.inventory import Held, take_inventory
from tests.support.aws.own_services import Account

_SERVICES = ("ec2", "s3", "ssm", "iam", "sts", "route53", "elb", "elbv2")


class _Handler(WSGIRequestHandler):
    """Keeps connections alive, as werkzeug's own does not, and no log."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """At once, as S3 does: the SDK waits a second for it before it sends a body."""
        is_good = super().handle_expect_100()
        self.wfile.flush()
        return is_good

    def run_wsgi(self) -> None:
        """One call: its whole body is read, so that the connection can be used again."""
        environ = self.make_environ()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        is_chunked = environ.get("wsgi.input_terminated", False)
        body = environ["wsgi.input"].read() if is_chunked else self.rfile.read(length)
        calls.put_back(environ, body)
        answered: list[tuple[str, list[tuple[str, str]]]] = []
        try:
            app: Front = self.server.app  # type: ignore[assignment] # what `make_server` was given
            parts = list(app(environ, lambda status, headers: answered.append((status, headers))))
            self._write(*answered[0], b"".join(parts))
        except ConnectionError:
            self.close_connection = True

    def _write(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        names = {name.lower() for name, _ in headers}
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing."""


class _Dispatcher(DomainDispatcherApplication):
    """Remembers which service answers for a host: moto searches its own folders for it at every call."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._found: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The name of the service."""
        if host not in self._found:
            self._found[host] = super().get_backend_for_host(host)
        return self._found[host]


class Emulator:
    """One for a test session; `reset` between tests takes a few milliseconds."""

    access_key = "AKIAIOSFODNN7EXAMPLE"
    secret_key = presigned.SECRET_KEY
    region = back.REGION

    def __init__(self) -> None:
        # Read by moto whenever it makes a region: its 1,300 images of 2017 only cost time.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        # Called by moto for every call, and the same for a class as long as the process lives.
        responses.method_names_from_class = functools.cache(utils.method_names_from_class)  # type: ignore[attr-defined]
        self.front = Front(_Dispatcher())
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self.front, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.reset()

    @property
    def port(self) -> int:
        """Where it answers on loopback."""
        return self._server.port

    @property
    def endpoint(self) -> str:
        """The same as a URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.front.faults

    @property
    def account(self) -> Account:
        """Limits and permissions."""
        return self.front.account

    def settings(self, **more: Any) -> dict[str, Any]:
        """The plugin's settings to come here."""
        return {
            "region": self.region,
            "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
            "endpoint_url": self.endpoint,
            **more,
        }

    def reset(self) -> None:
        """Nothing was ever made here."""
        with self.front._lock:
            os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
            for service in _SERVICES:
                get_backend(service).reset()  # type: ignore[call-overload] # its names are literals
            mock_random.seed(7)
            seeds.plant(self.region)
            self.front.clear()

    def inventory(self) -> tuple[Held, ...]:
        """What is there, by moto's word."""
        with self.front._lock:
            return take_inventory(self.region)

    def calls(self) -> list[str]:
        """The actions so far, in order."""
        return [call.action for call in self.front.log]

    def vanish(self, instance: str) -> None:
        """Lose an instance as AWS does: terminated without a call."""
        with self.front._lock:
            back.instance(self.region, instance).terminate()
            afterwards.terminate(self.region, instance, self.front.observer)

    def stop(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextlib.contextmanager
def emulated() -> Iterator[Emulator]:
    """An emulator that ends with the block."""
    emulator = Emulator()
    try:
        yield emulator
    finally:
        emulator.stop()
