"""Our address on the loopback link, which any VM has.

Takes an address, asks the kernel over netlink: stock images need not have `ip`. Source: rtnetlink(7).
"""

from __future__ import annotations

import os
import socket
import struct

_NEWADDR, _REQUEST, _ACK, _CREATE, _REPLACE = 20, 0x1, 0x4, 0x400, 0x100
_ERROR = 2
_LOCAL, _ADDRESS = 2, 1
_ONLY_HERE = 254  # RT_SCOPE_HOST


def add_address(address: str) -> None:
    """Give the loopback link an IPv4 address; there before is success. Raises OSError."""
    packed = socket.inet_aton(address)
    index = socket.if_nametoindex("lo")
    body = struct.pack("=BBBBI", socket.AF_INET, 32, 0, _ONLY_HERE, index)
    for kind in (_LOCAL, _ADDRESS):
        body += struct.pack("=HH", 8, kind) + packed
    head = struct.pack("=IHHII", 16 + len(body), _NEWADDR, _REQUEST | _ACK | _CREATE | _REPLACE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.send(head + body)
        answer = kernel.recv(4096)
    kind = struct.unpack_from("=H", answer, 4)[0]
    number = -struct.unpack_from("=i", answer, 16)[0] if kind == _ERROR else 0
    if number:
        raise OSError(number, os.strerror(number))
