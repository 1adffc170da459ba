"""The test cloud must run: `make test-openstack` brings it up. Only its addresses may be reached beside loopback."""

import socket
from collections.abc import Iterator

import pytest

from tests.clouds.openstack import place


@pytest.fixture(autouse=True, scope="session")
def _cloud_is_up() -> Iterator[None]:
    if not place.CLOUDS_FILE.exists():
        pytest.skip(f"no test cloud: {place.CLOUDS_FILE} is made by tests/clouds/openstack/up")
    yield
    place.hang_up()


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    """As everywhere, and the test cloud's network."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if not (host.startswith(("127.", place.NET)) or host in {"localhost", "::1"}):
                raise PermissionError(f"tests must not connect to {host}")
        real(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]
