"""Move public addresses between VMs: P/32 on a VM's loopback, and a route to it in the cloud. No translation.

Takes addresses and CIDs of VMs; the record changes first, so a crash leaves what the next power-on makes true.
"""

import contextlib

from cpi.local.inside import netlink, networks, records, vm_power, vm_requests
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
    if vm_power.find_init(site, cid):
        with contextlib.suppress(OSError):  # it may be going off
            vm_requests.ask(site.vm_dir(cid), {"do": "drop-address", "address": ip})
