"""A network's settings as tags on its interface, so that a VM that is found says what it was made with. Pure.

Takes network settings, gives tags of at most 256 characters each; takes tags, gives the settings back. Addresses are
not among them: those are the interface's own.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import NetworkKind, NetworkSettings

_LONGEST = 256
INNER = "compleat-network"
PUBLIC = "compleat-public"


def write(word: str, place: int, network: NetworkSettings) -> dict[str, str]:
    """Tags `word`-0 and on; `place` is where among the VM's networks it stood."""
    answer = [
        place,
        network.name,
        network.kind.value,
        network.prefix,
        network.gateway,
        list(network.dns),
        list(network.defaults),
        dict(network.cloud_properties),
        *([network.nic_group] if network.nic_group else []),
    ]
    text = json.dumps(answer, separators=(",", ":"))
    pieces = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)]
    return {f"{word}-{number}": piece for number, piece in enumerate(pieces)}


def read(word: str, tags: Mapping[str, str], ip: str) -> tuple[int, NetworkSettings] | None:
    """The place and the settings, with `ip`; None: these tags tell nothing."""
    pieces: list[str] = []
    while f"{word}-{len(pieces)}" in tags:
        pieces.append(tags[f"{word}-{len(pieces)}"])
    if not pieces:
        return None
    place, name, kind, prefix, gateway, dns, defaults, properties, *group = json.loads("".join(pieces))
    plain = NetworkSettings(name=str(name), kind=NetworkKind(kind), ip=ip)
    whole = replace(
        plain,
        prefix=int(prefix),
        gateway=str(gateway),
        dns=tuple(dns),
        defaults=tuple(defaults),
        cloud_properties=properties,
        nic_group=group[0] if group else "",
    )
    return int(place), whole
