"""Load balancers of a landing zone, as Octavia has them: found by their descriptions, completed change by change.

Takes resources and owners, changes Octavia, and Neutron's floating addresses; order is in cpi.kit.landing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cpi.clouds.openstack.landing import balancer_changes, balancer_layout, layout
from cpi.clouds.openstack.landing.balancer_changes import BalancerChange
from cpi.clouds.openstack.landing.balancer_layout import BalancerParts
from cpi.clouds.openstack.landing.neutron_parts import FloatingAddresses, RoutedSubnets, read_found
from cpi.clouds.openstack.machines import balancer_calls
from cpi.clouds.openstack.machines.balancer_calls import (
    BALANCERS,
    LISTENERS,
    MONITORS,
    POOLS,
    SERVICE,
    BalancerBusyError,
    BalancerFailedError,
)
from cpi.clouds.openstack.wire import names, resource_tags
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError, ConflictError, DeniedError
from cpi.contract.landing_parts import InnerPlace
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit import part_entries
from cpi.kit.landing import Part, PartFound

CloudAnswer = Mapping[str, Any]
_LEAVING = ("PENDING_DELETE", "DELETED")


class OctaviaBalancers(Part):
    """Each call changes as much as Octavia allows at once: BalancerBusyError says that it is to be repeated."""

    cloud = "OpenStack"
    kind = balancer_layout.BALANCER

    def __init__(self, api: Api, config: OpenStackConfig) -> None:
        self._api = api
        self._subnets = RoutedSubnets(api, config)
        self._addresses = FloatingAddresses(api, config)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        """None where there is no Octavia, or where this user has no role in it: it has made none then."""
        if not self._api.has_service(SERVICE):
            return
        try:
            listed = list(self._api.list_all(SERVICE, BALANCERS, "loadbalancers", project_id=self._api.project()))
        except DeniedError:
            return
        for answer in listed:
            found = read_found(answer)
            if found is not None and found.owner.environment == environment and name in ("", found.name):
                yield found

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        properties = resource.properties
        subnet = self._subnets.need(str(properties["subnet"]), owner.environment)
        address = str(properties["address"])
        front = balancer_layout.PUBLIC if properties["public_name"] else balancer_layout.ANY
        note = names.write_note(owner, resource.name, front=balancer_layout.CHOSEN if address else front)
        body: dict[str, Any] = {
            "name": names.landing_name(owner.environment, resource.name),
            "description": note,
            "vip_subnet_id": subnet.id,
            **({"vip_address": address} if address else {}),
            **({"tags": resource_tags.write_texts(self._api.tags)} if self._api.tags else {}),
        }
        answer = self._api.post(SERVICE, BALANCERS, {"loadbalancer": body})["loadbalancer"]
        return PartFound(id=str(answer["id"]), name=resource.name, owner=owner, answer=answer)

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """Its address, then its rules. Raises BalancerBusyError, BalancerFailedError, landing-part-refused."""
        if found.answer["provisioning_status"] in _LEAVING:
            raise BalancerBusyError(found.id)
        part_entries.require_front(resource.name, resource.entries, self._front(found))
        public = str(resource.properties["public_name"])
        if public:
            self._join(str(found.answer["vip_port_id"]), public, owner.environment)
        rules = tuple(balancer_layout.each(resource.properties["rules"]))
        self._require_ready(found.id)
        while (change := balancer_changes.next_change(found.id, self._parts(found.id), rules)) is not None:
            balancer_calls.change(self._api, found.id, lambda call=change: self._send(call))  # type: ignore[misc]
            self._require_ready(found.id)

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return (*self._front(found), *balancer_layout.lines(self._parts(found.id)))

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_load_balancer": found.id, f"{found.name}_host": str(found.answer["vip_address"])}

    def place(self, found: PartFound) -> InnerPlace:
        """Of a public one, too: its address is in a network, which is deleted after it."""
        address = str(found.answer["vip_address"])
        return InnerPlace(network=self._network(found), address=address)

    def delete(self, id_: str) -> None:
        """With all that it has. Raises BalancerBusyError until it is gone."""
        answer = balancer_calls.find(self._api, id_)
        if answer is not None and not balancer_calls.is_busy(answer):
            path = f"{BALANCERS}/{id_}?cascade=true"
            balancer_calls.change(self._api, id_, lambda: self._api.delete(SERVICE, path))
            answer = balancer_calls.find(self._api, id_)
        if answer is not None:
            raise BalancerBusyError(id_)

    def _send(self, change: BalancerChange) -> None:
        match change.method:
            case "POST":
                self._api.post(SERVICE, change.path, change.body or {})
            case "PUT":
                self._api.put(SERVICE, change.path, change.body)
            case "DELETE":
                self._api.delete(SERVICE, change.path)

    def _require_ready(self, id_: str) -> None:
        """One that failed before it had anything is deleted, so that the next run makes it again. One that is gone by
        now is made again by the next call.
        """
        answer = balancer_calls.find(self._api, id_)
        if answer is None or balancer_calls.is_busy(answer):
            raise BalancerBusyError(id_)
        if balancer_calls.is_failed(answer):
            if answer.get("listeners") or answer.get("pools"):
                raise BalancerFailedError(answer)
            self._api.delete(SERVICE, f"{BALANCERS}/{id_}?cascade=true")
            raise _not_created(answer)

    def _parts(self, id_: str) -> BalancerParts:
        pools = self._children(POOLS, "pools", id_)
        held = {str(one["id"]) for one in pools}
        has_monitors = any(one.get("healthmonitor_id") for one in pools)
        project = self._api.project()
        listed = self._api.list_all(SERVICE, MONITORS, "healthmonitors", project_id=project) if has_monitors else ()
        monitors = {str(pool["id"]): one for one in listed for pool in one["pools"] if str(pool["id"]) in held}
        members = {one: list(self._api.list_all(SERVICE, f"{POOLS}/{one}/members", "members")) for one in held}
        listeners = self._children(LISTENERS, "listeners", id_)
        return BalancerParts(listeners=listeners, pools=pools, monitors=monitors, members=members)

    def _children(self, path: str, key: str, balancer: str) -> list[CloudAnswer]:
        listed = self._api.list_all(SERVICE, path, key, loadbalancer_id=balancer)
        there = (one for one in listed if one["provisioning_status"] not in _LEAVING)
        return sorted(there, key=lambda one: str(one["id"]))

    def _front(self, found: PartFound) -> tuple[str, ...]:
        """A line, or none while it does not have its public address yet."""
        front = names.read_note(found.answer.get("description")).get(names.FRONT, "")
        if front != balancer_layout.PUBLIC:
            address = str(found.answer["vip_address"]) if front == balancer_layout.CHOSEN else ""
            return (part_entries.front_line(network=self._network(found), address=address),)
        port = found.answer.get("vip_port_id")
        listed = self._addresses.find(found.owner.environment)
        return tuple(part_entries.front_line(public_name=one.name) for one in listed if one.answer["port_id"] == port)

    def _network(self, found: PartFound) -> str:
        listed = self._subnets.find(found.owner.environment)
        own = next((one.name for one in listed if one.id == found.answer.get("vip_subnet_id")), "")
        return layout.network_of(own)

    def _join(self, port: str, public: str, environment: str) -> None:
        """Give it its public address. Raises ConflictError, code address-taken."""
        address = self._addresses.need(public, environment)
        held = address.answer.get("port_id")
        if held == port:
            return
        if held:
            raise ConflictError(
                "address-taken",
                f"The public address '{public}' of a load balancer is in use by another resource.",
                why=f"It is assigned to port {held}.",
                fix="Choose another address, or delete the resource that has it.",
            )
        self._api.put("network", f"/floatingips/{address.id}", {"floatingip": {"port_id": port}})


def _not_created(answer: CloudAnswer) -> CloudError:
    return CloudError(
        "load-balancer-failed",
        f"Octavia failed to create load balancer '{answer['name']}'.",
        why="Its provisioning status became ERROR; compleat deleted it.",
        fix="Run the same command again; if it fails again, ask the cloud's operator for the reason.",
    )
