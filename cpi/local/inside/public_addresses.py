"""Move public addresses between VMs: P/32 on a VM's loopback, and a route to it in the cloud. No translation.

Takes addresses and CIDs of VMs; the record changes first, so a crash leaves what the next power-on makes true.
"""

import contextlib
import os

from cpi.local.inside import netlink, networks, records, sysc, vm_power
from cpi.local.inside.site import Site


def take(site: Site, ip: str, cid: str) -> None:
    """Give `ip` to the VM; whoever had it loses it."""
    address = networks.find_address(site, ip)
    former = address["vm"]
    address["vm"] = cid
    records.save_address(site.state, address)
    if former and former != cid:
        _remove_from_loopback(site, former, ip)


def release_all(site: Site, cid: str) -> None:
    """Free every address of the VM."""
    for address in records.list_addresses(site.state):
        if address["vm"] == cid:
            address["vm"] = ""
            records.save_address(site.state, address)
            with netlink.Netlink() as links, contextlib.suppress(OSError):
                links.delete_host_route(address["ip"])


def _remove_from_loopback(site: Site, cid: str, ip: str) -> None:
    init = vm_power.find_init(site, cid)
    if init <= 0:
        return
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            sysc.setns(os.open(f"/proc/{init}/ns/net", os.O_RDONLY), sysc.NEWNET)
            with netlink.Netlink() as links:
                links.delete_address(links.index("lo"), ip, 32)
        os._exit(0)
    os.waitpid(child, 0)
