"""Operations of azure-mgmt-network. Imported by its name when a call first needs it."""

from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.network.operations import LoadBalancersOperations, RouteTablesOperations

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.packages.typed_operations import Client, PageLink, Table, long_running


def connect(link: PageLink) -> Client:
    """A client for one subscription; nothing is sent. Its API versions go with each call: it ignores one for all."""
    client = NetworkManagementClient(
        link.credential,
        link.subscription,
        base_url=link.base_url,
        policies=link.policies,
        transport=link.transport,
    )
    return Client(table={**_own(client), **_subnets(client), **_others(client)}, takes_version=True)


def _own(client: NetworkManagementClient) -> Table:
    nics, wide, addresses = client.network_interfaces, client.virtual_networks, client.public_ip_addresses
    guards, nats = client.network_security_groups, client.nat_gateways
    return {
        ("get", names.NIC.lower()): nics.get,
        ("list", names.NIC.lower()): nics.list,
        ("put", names.NIC.lower()): long_running(nics.begin_create_or_update),
        ("delete", names.NIC.lower()): long_running(nics.begin_delete),
        ("get", names.NETWORK.lower()): wide.get,
        ("list", names.NETWORK.lower()): wide.list,
        ("put", names.NETWORK.lower()): long_running(wide.begin_create_or_update),
        ("delete", names.NETWORK.lower()): long_running(wide.begin_delete),
        ("get", names.ADDRESS.lower()): addresses.get,
        ("list", names.ADDRESS.lower()): addresses.list,
        ("put", names.ADDRESS.lower()): long_running(addresses.begin_create_or_update),
        ("delete", names.ADDRESS.lower()): long_running(addresses.begin_delete),
        ("get", names.GROUP.lower()): guards.get,
        ("list", names.GROUP.lower()): guards.list,
        ("put", names.GROUP.lower()): long_running(guards.begin_create_or_update),
        ("delete", names.GROUP.lower()): long_running(guards.begin_delete),
        ("get", names.NAT.lower()): nats.get,
        ("list", names.NAT.lower()): nats.list,
        ("put", names.NAT.lower()): long_running(nats.begin_create_or_update),
        ("delete", names.NAT.lower()): long_running(nats.begin_delete),
    }


def _subnets(client: NetworkManagementClient) -> Table:
    kind = f"{names.NETWORK}/subnets".lower()
    return {
        ("get", kind): client.subnets.get,
        ("put", kind): long_running(client.subnets.begin_create_or_update),
        ("delete", kind): long_running(client.subnets.begin_delete),
    }


def _whole(kind: str, group: RouteTablesOperations | LoadBalancersOperations) -> Table:
    return {
        ("get", kind.lower()): group.get,
        ("list", kind.lower()): group.list,
        ("put", kind.lower()): long_running(group.begin_create_or_update),
        ("delete", kind.lower()): long_running(group.begin_delete),
    }


def _others(client: NetworkManagementClient) -> Table:
    return {
        **_whole(names.ROUTES, client.route_tables),
        **_whole(names.BALANCER, client.load_balancers),
        ("get", names.GATEWAY.lower()): client.application_gateways.get,
        ("get", names.ASG.lower()): client.application_security_groups.get,
        ("list all", "microsoft.network/locations/usages"): client.usages.list,
        ("get", "microsoft.network/locations/checkdnsnameavailability"): client.check_dns_name_availability,
    }
