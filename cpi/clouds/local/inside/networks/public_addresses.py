"""Give public addresses to VMs and take them back: P/32 on a VM's loopback, and a route to it in the cloud.

Takes addresses and CIDs of VMs; nothing is translated. The record changes first, so a crash leaves what the next
power-on makes true.
"""

import contextlib

from cpi.clouds.local.inside.networks import networks
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import netlink
from cpi.clouds.local.inside.system.site import Site


def take(site: Site, ip: str, cid: str) -> None:
    """Note that the VM, about to be switched on, has the free address `ip`."""
    address = networks.find_address(site, ip)
    address["vm"] = cid
    records.save_address(site.state, address)


def release_all(site: Site, cid: str) -> None:
    """Free every address of the VM."""
    for address in records.list_addresses(site.state):
        if address["vm"] == cid:
            address["vm"] = ""
            records.save_address(site.state, address)
            with netlink.Netlink() as links, contextlib.suppress(OSError):
                links.delete_host_route(address["ip"])
