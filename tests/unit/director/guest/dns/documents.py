"""Records as the director publishes them, and packets as resolvers send them."""

import struct
from collections.abc import Sequence

from director.guest.dns import wire

_NAMES = "id num_id instance_group group_ids az az_id network network_id deployment ip domain agent_id instance_index"
KEYS = _NAMES.split()


def row(
    number: int, *, group: str = "web", az: str = "z1", groups: Sequence[str] = ("5", "9"), network: str = "default"
) -> list[object]:
    """One instance on one network."""
    az_id = az.removeprefix("z")
    return [f"id-{number}", f"7{number}", group, list(groups), az, az_id, network, "2", "shop", f"10.0.0.{number}",
            "bosh", f"agent-{number}", number]  # fmt: skip


def document(*rows: list[object], aliases: object = None) -> dict[str, object]:
    """A whole records.json."""
    return {"records": [], "version": 1, "record_keys": KEYS, "record_infos": list(rows), "aliases": aliases or {}}


def query(name: str, kind: int = wire.TYPE_A, *, size: int | None = None, number: int = 77) -> bytes:
    """A question with recursion desired, with EDNS where `size` is given."""
    head = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0 if size is None else 1)
    edns = b"" if size is None else b"\0" + struct.pack("!HHIH", wire.TYPE_OPT, size, 0, 0)
    return head + wire.write_name(name) + struct.pack("!HH", kind, 1) + edns


def addresses(answer: bytes) -> list[str]:
    """The IPv4 addresses in an answer, sorted; every record names the question's name."""
    count = struct.unpack_from("!H", answer, 6)[0]
    at = answer.index(b"\xc0\x0c") if count else len(answer)
    found = []
    for _ in range(count):
        length = struct.unpack_from("!H", answer, at + 10)[0]
        found.append(".".join(map(str, answer[at + 12 : at + 12 + length])))
        at += 12 + length
    return sorted(found)
