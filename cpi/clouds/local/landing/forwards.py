"""Which host and port of this machine leads to which address and port of the cloud; the same for ever.

Takes addresses and ports, gives endpoints on the loopback interface only. As root the port is the real one, on a
127.x address of the cloud's own; a user who may not bind it gets a high one there.
"""

import hashlib
import ipaddress
import socket
from collections.abc import Callable, Collection

from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.system import sockets
from cpi.clouds.local.wire.api import Api
from cpi.contract.errors import NotFoundError, TransientError
from cpi.contract.values import Endpoint

_TRIES = 8
_OFFSET = 20000  # 22 becomes 20022 for a user who may not bind low ports


def open_way(api: Api, address: str, port: int) -> Endpoint:
    """The endpoint for an address and port, made on demand. Raises NotFoundError, code unknown-address."""
    _check_address(api, address)
    with locks.alone(f"{api.state}/edge-list.lock"):
        forward = _find(api, address, port)
        if forward is not None and locks.find_holder(f"{api.state}/{sockets.EDGE_LOCK}"):
            return Endpoint(host=forward["host"], port=forward["listen"])
        api.ensure_started()
        for attempt in range(_TRIES):
            forward = _find(api, address, port) or _add(api, (address, port), attempt)
            failures = api.ensure_edge()
            if not any(failure.startswith(f"{forward['host']}:{forward['listen']}:") for failure in failures):
                return Endpoint(host=forward["host"], port=forward["listen"])
            _remove(api, lambda known: known["address"] == address and known["port"] == port)
    raise TransientError("no-free-port", f"No port of this machine could be opened for {address}:{port}.")


def forget(api: Api, addresses: str) -> None:
    """Close every way to an address that is gone, or to all of a network that is gone."""
    gone = ipaddress.ip_network(addresses)
    _close(api, lambda forward: ipaddress.ip_address(forward["address"]) in gone)


def keep_ports(api: Api, address: str, ports: Collection[int]) -> None:
    """Close every way to an address but those to these ports."""
    _close(api, lambda forward: forward["address"] == address and forward["port"] not in ports)


def choose_listen(seed: str, port: int, attempt: int) -> tuple[str, int]:
    """A free host and port for a forward; later attempts choose another host."""
    host = _loopback(seed, attempt)
    for wanted in ((host, port), (host, port + _OFFSET), (host, 0), ("127.0.0.1", 0)):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(wanted)
            except (OSError, OverflowError):  # taken, not ours to bind, or no port at all
                continue
            chosen: tuple[str, int] = trial.getsockname()
            return chosen
    return "127.0.0.1", 0


def host_of(state: str, address: str) -> str:
    """The host that leads to an address unless its port is taken: what a certificate should name."""
    return _loopback(_seed(state, address), 0)


def _close(api: Api, is_gone: Callable[[records.ForwardRecord], bool]) -> None:
    if not any(map(is_gone, records.load_edge(api.state)["forwards"])):
        return
    with locks.alone(f"{api.state}/edge-list.lock"):
        _remove(api, is_gone)
        if locks.find_holder(f"{api.state}/{sockets.EDGE_LOCK}"):
            api.ensure_edge()


def _seed(state: str, address: str) -> str:
    return f"{state} {address}"


def _loopback(seed: str, attempt: int) -> str:
    digest = hashlib.sha256(f"{seed} {attempt}".encode()).digest()
    return f"127.{64 + digest[0] % 128}.{digest[1]}.{1 + digest[2] % 254}"


def _find(api: Api, address: str, port: int) -> records.ForwardRecord | None:
    for forward in records.load_edge(api.state)["forwards"]:
        if forward["address"] == address and forward["port"] == port:
            return forward
    return None


def _add(api: Api, target: tuple[str, int], attempt: int) -> records.ForwardRecord:
    address, port = target
    host, listen = choose_listen(_seed(api.state, address), port, attempt)
    forward: records.ForwardRecord = {"address": address, "port": port, "host": host, "listen": listen}
    forwards = records.load_edge(api.state)["forwards"]
    records.save(f"{api.state}/edge.json", {"forwards": [*forwards, forward]})
    return forward


def _remove(api: Api, is_gone: Callable[[records.ForwardRecord], bool]) -> None:
    forwards = records.load_edge(api.state)["forwards"]
    records.save(f"{api.state}/edge.json", {"forwards": [known for known in forwards if not is_gone(known)]})


def _check_address(api: Api, address: str) -> None:
    public = [record["ip"] for record in records.list_addresses(api.state)]
    networks = [record["cidr"] for record in records.list_networks(api.state)]
    wanted = ipaddress.ip_address(address)
    if not any(wanted in ipaddress.ip_network(known) for known in (*public, *networks)):
        raise NotFoundError(
            "unknown-address",
            f"The local cloud has no address {address}.",
            why=f"It has {', '.join((*public, *networks)) or 'no addresses'}.",
            fix="Use an address of the landing zone.",
        )
