"""The Routes port for real.

Takes addresses, asks the kernel.
"""

import contextlib
import errno
import ipaddress
import socket

_PORT = 22
_WITHOUT_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL})


class SystemRoutes:
    """Connecting a UDP socket chooses a route and sends nothing."""

    def has_route(self, address: str) -> bool:
        with contextlib.closing(_socket_for(address)) as endpoint:
            try:
                endpoint.connect((address, _PORT))
            except OSError as error:
                return error.errno not in _WITHOUT_ROUTE
        return True

    def source_address(self, address: str) -> str:
        with contextlib.closing(_socket_for(address)) as endpoint:
            try:
                endpoint.connect((address, _PORT))
                return str(endpoint.getsockname()[0])
            except OSError:
                return ""


def _socket_for(address: str) -> socket.socket:
    family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)
