"""What an operator has beside compleat: a network with a route to it, and load balancers in the catalogue.

Takes a user of the test cloud, gives names and addresses for a cloud config; at the end all of it is gone. Octavia is a
stand-in of its API, and the place of a balancer is the network's DHCP server: a machine of the network that is in none
of the project's security groups.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.machines.lookups import GROUP_ALL
from cpi.clouds.openstack.wire import config
from tests.clouds.openstack import place
from tests.support.openstack.glance import Glance, glance

CIDR, GATEWAY = "10.40.0.0/24", "10.40.0.1"
CIDR_6, GATEWAY_6 = "fd00:40::/64", "fd00:40::1"
BALANCED = "Balanced"
"""A region of the catalogue: the services of the first one, and a load balancer service."""

_LINK = "osveth0"
_HOST = f"{place.NET}1"
_INSIDE = Path(__file__).parent / "inside"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNetwork:
    """A routed network of both versions of IP. Its security group has the rules of a landing zone's group of all VMs,
    and lets SSH in from this machine.
    """

    id: str
    group: str
    connection: Any

    def let_in(self, port: int) -> None:
        """From the network's own addresses: what an operator does for a load balancer."""
        with place.sdk_unheard():
            self.connection.network.create_security_group_rule(
                security_group_id=self.group,
                direction="ingress",
                ethertype="IPv4",
                protocol="tcp",
                port_range_min=port,
                port_range_max=port,
                remote_ip_prefix=CIDR,
            )

    def ask(self, address: str, port: int) -> str:
        """What a balancer gets that connects to a member: the first line of its answer, "" without any."""
        command = f"exec 3<>/dev/tcp/{address}/{port}; head -n 1 <&3"
        words = [str(_INSIDE), "ip", "netns", "exec", f"qdhcp-{self.id}", "timeout", "5", "bash", "-c", command]
        done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        return done.stdout.strip()


@contextlib.contextmanager
def own_network(user: str) -> Iterator[OwnNetwork]:
    """One in the user's project."""
    with place.sdk_unheard(), contextlib.closing(place.connect(user)) as connection, contextlib.ExitStack() as undo:
        api: Any = connection.network
        network = api.create_network(name="theirs")
        undo.callback(api.delete_network, network)
        subnet = api.create_subnet(network_id=network.id, ip_version=4, cidr=CIDR, gateway_ip=GATEWAY, name="theirs")
        six = {"ip_version": 6, "cidr": CIDR_6, "gateway_ip": GATEWAY_6, "ipv6_address_mode": "dhcpv6-stateful"}
        api.create_subnet(network_id=network.id, name="theirs-6", ipv6_ra_mode="dhcpv6-stateful", **six)
        outside = api.find_network("public")
        router = api.create_router(name="theirs", external_gateway_info={"network_id": outside.id})
        undo.callback(api.delete_router, router)
        api.add_interface_to_router(router, subnet_id=subnet.id)
        undo.callback(api.remove_interface_from_router, router, subnet_id=subnet.id)
        group = api.create_security_group(name="theirs")
        undo.callback(api.delete_security_group, group)
        for rule in layout.write_rules(GROUP_ALL, group.id, config.read_config(place.settings(user))):
            api.create_security_group_rule(**rule)
        ssh = {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "ethertype": "IPv4"}
        about = {"security_group_id": group.id, "direction": "ingress", "remote_ip_prefix": f"{_HOST}/32"}
        api.create_security_group_rule(**about, **ssh)
        way = router.external_gateway_info["external_fixed_ips"][0]["ip_address"]
        _run("ip", "route", "add", CIDR, "via", way, "dev", _LINK)
        undo.callback(_run, "ip", "route", "del", CIDR)
        yield OwnNetwork(id=network.id, group=group.id, connection=connection)
        with place.sdk_unheard():  # pytest sets its own filters for each test, so those of the beginning are gone
            undo.close()


@contextlib.contextmanager
def load_balancers() -> Iterator[Glance]:
    """A region with load balancers, while it is open."""
    with place.sdk_unheard(), glance() as stand_in, contextlib.ExitStack() as undo:
        identity: Any = undo.enter_context(contextlib.closing(place.connect("osadmin"))).identity
        undo.callback(identity.delete_region, identity.create_region(id=BALANCED))
        addresses = [(one.service_id, one.url) for one in identity.endpoints(interface="public")]
        service = identity.create_service(name="octavia", type="load-balancer")
        undo.callback(identity.delete_service, service)
        for service_id, url in [*addresses, (service.id, f"{stand_in.url}/load-balancer")]:
            made = identity.create_endpoint(service_id=service_id, interface="public", url=url, region_id=BALANCED)
            undo.callback(identity.delete_endpoint, made)
        yield stand_in
        with place.sdk_unheard():
            undo.close()


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)
