"""Which addresses of a network are free: the router, VMs and load balancers have the others.

Takes a site and a network, gives an address. Takes nothing yet: the caller saves.
"""

import ipaddress

from cpi.clouds.local.inside.records import balancer_records, records
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError, NoCapacityError


def free_in(site: Site, network: records.NetworkRecord, ip: str, *, of_vm: str = "", of_balancer: str = "") -> str:
    """The address `ip`, or with "" the highest free one, where low ones are what manifests choose by hand.

    What the VM or the balancer has itself is free for it. Raises ConflictError, codes address-taken and
    address-outside-network, and NoCapacityError, code subnet-full.
    """
    cidr = ipaddress.ip_network(network["cidr"])
    taken = _taken(site, of_vm=of_vm, of_balancer=of_balancer)
    if not ip:
        return _first_free(network["name"], cidr, taken)
    if ip in taken:
        raise ConflictError(
            "address-taken",
            f"Address {ip} in network '{network['name']}' is taken.",
            why=f"{taken[ip]} has it.",
            fix="Choose another address, or delete what has it.",
        )
    if ipaddress.ip_address(ip) not in cidr:
        raise ConflictError(
            "address-outside-network",
            f"Address {ip} is not in network '{network['name']}'.",
            why=f"The network is {cidr}.",
            fix="Correct the subnet's range in the cloud config.",
        )
    return ip


def _taken(site: Site, *, of_vm: str, of_balancer: str) -> dict[str, str]:
    """Every address in use, with its user as text."""
    taken = {}
    for network in records.list_networks(site.state):
        for gateway in (network["gateway"], *network["gateways"]):
            taken[gateway] = f"the router of network '{network['name']}'"
    for vm in records.list_vms(site.state):
        if vm["cid"] != of_vm:
            taken |= {nic["ip"]: f"VM {vm['cid']} ({vm['name']})" for nic in vm["nics"] if nic["network"]}
    for balancer in balancer_records.list_balancers(site.state):
        if balancer.get("network") and balancer["name"] != of_balancer:
            taken[balancer["ip"]] = f"load balancer '{balancer['name']}'"
    return taken


def _first_free(name: str, cidr: ipaddress.IPv4Network | ipaddress.IPv6Network, taken: dict[str, str]) -> str:
    for offset in range(cidr.num_addresses - 2, 0, -1):
        if str(cidr[offset]) not in taken:
            return str(cidr[offset])
    raise NoCapacityError(
        "subnet-full",
        f"Network '{name}' has no address left.",
        why=f"All of {cidr} are taken.",
        fix="Give the network a larger range, or delete VMs.",
    )
