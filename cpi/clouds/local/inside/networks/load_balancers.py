"""Load balancers of the cloud: an address that the router itself has, and the rules of what goes where.

Takes and gives records; runs in the cloud's namespaces. Connections are accepted by the process of `balancing`, which
is started with the first balancer and ends with the last.
"""

import contextlib
import json
import os
from typing import Any

from cpi.clouds.local.inside.networks import balancing, networks, private_addresses
from cpi.clouds.local.inside.records import address_holders, balancer_records, locks, records
from cpi.clouds.local.inside.records.balancer_records import BalancerRecord
from cpi.clouds.local.inside.records.orders import BalancerOrder
from cpi.clouds.local.inside.system import netlink, sockets
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import CloudError, NotFoundError, TransientError

_ANSWER_S = 20.0


def create_balancer(site: Site, order: BalancerOrder) -> BalancerRecord:
    """Make a balancer; one of this name there before has these rules afterwards."""
    found = records.load_whole(balancer_records.balancer_path(site.state, order["name"]), BalancerRecord)
    balancer: BalancerRecord = {
        "name": order["name"],
        "address": "" if order["network"] else order["address"],
        "ip": _inner_front(site, order, found) if order["network"] else _public_front(site, order),
        "network": order["network"],
        "asked": order["address"] if order["network"] else "",
        "rules": order["rules"],
        "nat_rules": order["nat_rules"],
        "owner": found["owner"] if found else order["owner"],
        "tags": order["tags"],
    }
    balancer_records.save_balancer(site.state, balancer)
    build_balancer(site, balancer)
    return balancer


def build_balancer(site: Site, balancer: BalancerRecord) -> None:
    """Let the router have the balancer's address, and accept connections there; twice is success."""
    with netlink.Netlink() as links:
        links.add_address(links.index("lo"), balancer["ip"], 32)
    failures = _reload(site)
    if failures:
        raise TransientError(
            "balancer-port-closed",
            f"Load balancer '{balancer['name']}' cannot accept connections.",
            why=f"The local cloud reports: {'; '.join(failures)[:400]}.",
            fix="Run the same command again.",
        )


def delete_balancer(site: Site, arguments: dict[str, Any]) -> None:
    """Remove a balancer and close its ports; absent is success."""
    path = balancer_records.balancer_path(site.state, arguments["name"])
    balancer = records.load_whole(path, BalancerRecord)
    if balancer is not None:
        _let_go(balancer["ip"])  # before the record: nothing else would know of it
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if locks.find_holder(f"{site.state}/{sockets.BALANCER_LOCK}"):
        _reload(site)


def _public_front(site: Site, order: BalancerOrder) -> str:
    address = records.load_address(site.state, order["address"])
    if address is None:
        raise NotFoundError(
            "unknown-public-address",
            f"The local cloud has no public address '{order['address']}'.",
            why=f"Load balancer '{order['name']}' has it in front.",
            fix="Run `compleat up` again: it creates what is missing.",
        )
    address_holders.require_free(site.state, address, for_=address_holders.balancer_title(order["name"]))
    return address["ip"]


def _inner_front(site: Site, order: BalancerOrder, found: BalancerRecord | None) -> str:
    """The address asked for, or what it has, or the highest that is free."""
    if found is not None and found.get("network") == order["network"] and order["address"] in ("", found["ip"]):
        return found["ip"]
    network = networks.find_network(site, order["network"])
    return private_addresses.free_in(site, network, order["address"], of_balancer=order["name"])


def _let_go(ip: str) -> None:
    """The router has the address no more; not having it is success."""
    with netlink.Netlink() as links, contextlib.suppress(OSError):
        links.delete_address(links.index("lo"), ip, 32)


def _reload(site: Site) -> list[str]:
    """Let the process read the records, starting it where there is none; gives what it could not open."""
    for _ in range(3):
        if not locks.find_holder(f"{site.state}/{sockets.BALANCER_LOCK}") and balancing.start(site.state) != 0:
            break
        try:
            return _ask(site.state)
        except (OSError, ValueError):
            continue  # it was about to end with the last balancer, or was killed: another one waits for its lock
    raise CloudError(
        "balancing-not-started",
        "The local cloud's load balancers do not run.",
        why=f"{site.state}/log/balancing.log has details.",
        fix="Run the same command again.",
    )


def _ask(state: str) -> list[str]:
    connection = sockets.connect(state, sockets.BALANCERS, timeout_s=_ANSWER_S)
    with connection, connection.makefile("rwb") as stream:
        stream.write(b"reload\n")
        stream.flush()
        return list(map(str, json.loads(stream.readline())))
