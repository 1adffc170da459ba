"""How a server is born and goes: ports first, with addresses and owner, then the floating address, then itself.

Takes requests, gives VmCreated. After an interruption the same request continues.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.machines import leftovers, load_balancer_pools, networks, root_volumes, vms
from cpi.clouds.openstack.machines.load_balancer_pools import LoadBalancerPools
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.machines.networks import PortRequest
from cpi.clouds.openstack.machines.vms import ServerParts
from cpi.clouds.openstack.wire import names, neutron_tags, refusals
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, Retry
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkSettings, VmCid, VmCreated, VmRequest
from cpi.kit import judge, network_interfaces
from cpi.kit.network_interfaces import interfaces_of

CloudAnswer = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPorts:
    """A server's network cards to be: where each is, and what all of them have."""

    port_requests: tuple[PortRequest, ...]
    groups: tuple[str, ...]
    pairs: tuple[str, ...]


class ServerCreation:
    def __init__(self, api: Api, config: OpenStackConfig, places: Lookups) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._pools = LoadBalancerPools(api)

    def create(self, request: VmRequest) -> VmCreated:
        """Give the action's server, made if it is not there."""
        judge.require_host_name(request.name)
        properties = vms.read_vm_properties(request)
        judge.require(network_interfaces.findings([request], networks.INTERFACES))
        self._pools.forget()
        pools = self._pools.ids(properties.loadbalancer_pools)
        found = self._find(request)
        if found is not None:
            return self._joined(request, self._whole(found, request))
        cards = ServerPorts(
            port_requests=self._places.port_requests(request),
            groups=self._places.groups(request, properties),
            pairs=properties.allowed_address_pairs,
        )
        flavor = self._places.flavor(properties.instance_type)
        root = root_volumes.read_root_volume(properties, flavor, self._config, name=request.name)
        image = self._places.image(request.stemcell_cid)
        ports: list[CloudAnswer] = []
        try:
            self._make_ports(request, cards, ports)
            addresses = self._join_public(request, ports)
            settings = networks.fill(request, addresses)
            parts = ServerParts(
                properties=properties,
                flavor=str(flavor["id"]),
                image=str(image["id"]),
                ports=tuple(str(port["id"]) for port in ports),
                networks=settings,
                macs=networks.macs_of(request, ports),
                has_ephemeral=vms.ephemeral_gib(flavor) > 0,
                root=root,
                pools=load_balancer_pools.write_metadata(properties.loadbalancer_pools, pools),
            )
            created = self._send(request, parts)
        except CloudError as error:
            if error.retry is Retry.NEVER:
                self._drop(ports)
                self._places.forget()
            raise
        return self._joined(request, created)

    def delete(self, cid: VmCid) -> None:
        """Server, then ports. Raises TransientError while Nova is at it: a port that goes first holds a server up."""
        answer = self._look(cid)
        if answer is not None and vms.is_alive(answer):
            vms.require_root(answer, now_s=self._api.now_s())
            self._leave_pools(answer)
            self._order_delete(answer)
            answer = self._look(cid)
        if answer is not None:
            raise refusals.not_ready(f"Server {cid}", "Nova is still deleting it.")
        self._drop(self._ports(tags=_leaving(cid)))

    def _joined(self, request: VmRequest, created: VmCreated) -> VmCreated:
        """The same, when its first address is in its load balancers' pools."""
        wanted = vms.read_vm_properties(request).loadbalancer_pools
        first = networks.created_port(request)[0].main.name
        address = next((str(one.ip) for one in created.networks if one.name == first), "")
        self._pools.add_members(request.owner, wanted, address)
        return created

    def _leave_pools(self, answer: CloudAnswer) -> None:
        owner = vms.owner_of(answer)
        if owner is not None:
            self._pools.remove_members(owner, answer.get("metadata") or {})

    def _order_delete(self, answer: CloudAnswer) -> None:
        """Each port is tagged with its owner first, as Nova drops it with the server."""
        cid = VmCid(answer["id"])
        for port in filter(_is_own, self._ports_of(answer)):
            self._api.put("network", f"/ports/{port['id']}/tags/{_leaving(cid)}")
        self._api.delete("compute", f"/servers/{cid}")

    def _ports_of(self, answer: CloudAnswer) -> list[CloudAnswer]:
        """By the action that made it too: Nova writes itself on a port only a while after it took the order."""
        ports, owner = self._ports(device_id=str(answer["id"])), vms.owner_of(answer)
        cards = interfaces_of(vms.read_created(answer).networks)
        if owner is None or len(ports) >= len(cards):
            return ports
        return ports + [port for at in range(len(cards)) for port in self._ports(name=names.name_of(owner, str(at)))]

    def _look(self, cid: VmCid) -> CloudAnswer | None:
        try:
            answer: CloudAnswer = self._api.read("compute", f"/servers/{cid}")["server"]
        except NotFoundError:
            return None
        return answer

    def _find(self, request: VmRequest) -> CloudAnswer | None:
        """Nova takes a name as a pattern."""
        query = {"name": f"^{re.escape(request.name)}$"}
        for answer in self._api.list_all("compute", "/servers/detail", "servers", **query):
            if vms.owner_of(answer) == request.owner and vms.is_alive(answer):
                return dict(answer)
        return None

    def _whole(self, found: CloudAnswer, request: VmRequest) -> VmCreated:
        """There already: given up by Nova, it goes; else its floating address may still be missing."""
        failure = vms.failure_of(found)
        if failure is not None:
            self._order_delete(found)
            raise failure
        if networks.public(request) is not None:
            wanted = networks.port_name(request, 0)
            self._join_public(request, [port for port in self._ports(name=wanted) if _is_own(port)])
        return vms.read_created(found)

    def _make_ports(self, request: VmRequest, cards: ServerPorts, ports: list[CloudAnswer]) -> None:
        """`ports` grows, so that the error handler knows which ones to delete."""
        for number, port_request in enumerate(cards.port_requests):
            there = [port for port in self._ports(name=networks.port_name(request, number)) if _is_own(port)]
            if not there:
                body = networks.write_port(request, port_request, number, groups=cards.groups, pairs=cards.pairs)
                there = [self._make_port(port_request, body)]
            ports.append(there[0])
            self._tag_port(there[0], request)

    def _make_port(self, port_request: PortRequest, body: CloudAnswer) -> CloudAnswer:
        """Delete a port without a server, left over from an abandoned run."""
        try:
            answer: CloudAnswer = self._api.post("network", "/ports", body)["port"]
        except ConflictError as error:
            if error.code != "address-taken":
                raise
            asked = [one.ip for one in port_request.interface.networks if one.ip]
            held = [
                port
                for ip in asked
                for port in self._ports(network_id=port_request.network_id, fixed_ips=f"ip_address={ip}")
            ]
            orphans = leftovers.ports_without_server(self._api, held)
            if not orphans:
                raise
            self._drop(orphans)
            answer = self._api.post("network", "/ports", body)["port"]
        return answer

    def _tag_port(self, port: CloudAnswer, request: VmRequest) -> None:
        """With the environment's tags, as the VM has them."""
        own = {name: request.tags[name] for name in self._api.tags}
        neutron_tags.tag(self._api, f"/ports/{port['id']}", port, tags=own)

    def _join_public(self, request: VmRequest, ports: Sequence[CloudAnswer]) -> Mapping[str, str]:
        """The floating address goes to the first port. Gives all addresses by the network's name."""
        addresses = networks.addresses_of(request, ports)
        public = networks.public(request)
        if public is not None:
            self._join(public, str(ports[0]["id"]))
            addresses[public.name] = public.ip or ""
        return addresses

    def _join(self, public: NetworkSettings, port: str) -> None:
        answer = self._api.read("network", "/floatingips", floating_ip_address=public.ip or "")["floatingips"]
        if not answer:
            raise judge.unknown_public_address(public.ip or "", (), cloud="OpenStack")
        held = answer[0].get("port_id")
        if held == port:
            return
        if held:
            raise ConflictError(
                "address-taken",
                f"The public address {public.ip} is in use by another VM.",
                why=f"It is assigned to port {held}.",
                fix="Choose another address, or delete the resource that has it.",
            )
        self._api.put("network", f"/floatingips/{answer[0]['id']}", {"floatingip": {"port_id": port}})

    def _send(self, request: VmRequest, parts: ServerParts) -> VmCreated:
        body = vms.write_server(request, parts, self._config)
        answer = self._api.post("compute", "/servers", body)["server"]
        return VmCreated(cid=VmCid(answer["id"]), networks=parts.networks)

    def _ports(self, **query: str) -> list[CloudAnswer]:
        return list(self._api.list_all("network", "/ports", "ports", **query))

    def _drop(self, ports: Sequence[CloudAnswer]) -> None:
        for port in ports:
            if _is_own(port):
                self._api.delete("network", f"/ports/{port['id']}")


def _leaving(cid: VmCid) -> str:
    return f"compleat-vm-{cid}"


def _is_own(port: CloudAnswer) -> bool:
    return leftovers.owner_of(port) is not None
