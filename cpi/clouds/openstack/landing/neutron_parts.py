"""The parts of a landing zone that Neutron keeps: router, networks, subnets, security groups, floating addresses.

Takes resources and owners, changes Neutron; order and completion are in cpi.kit.landing. A description says whose a
part is and what we call it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from cpi.clouds.openstack.landing import external_network, layout
from cpi.clouds.openstack.machines import leftovers, lookups
from cpi.clouds.openstack.wire import names, neutron_tags
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import ConflictError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey
from cpi.kit import tags as owner_tags
from cpi.kit.landing import Part, PartFound

CloudAnswer = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeutronWords:
    """Where Neutron lists a kind, under which key, and what it calls one."""

    path: str
    listed: str
    one: str


class NeutronPart(Part):
    cloud = "OpenStack"
    words: ClassVar[NeutronWords]

    def __init__(self, api: Api, config: OpenStackConfig) -> None:
        self._api = api
        self._config = config

    def body(self, resource: LandingResource, environment: str) -> Mapping[str, Any]:
        """What the call that makes it says beside name and description."""
        return {}

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        """Of this project: an administrator sees all."""
        words, project = self.words, self._api.project()
        listed = list(self._api.list_all("network", words.path, words.listed, project_id=project))
        every = [found for answer in listed if (found := read_found(answer)) is not None]
        own = [found for found in every if found.owner.environment == environment and name in ("", found.name)]
        if name and not own:
            self._require_free(names.landing_name(environment, name), listed)
        yield from own

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        note = self.note(names.landing_name(owner.environment, resource.name), names.write_note(owner, resource.name))
        body = {self.words.one: {**note, **self.body(resource, owner.environment)}}
        answer = self._api.post("network", self.words.path, body)[self.words.one]
        return PartFound(id=str(answer["id"]), name=resource.name, owner=owner, answer=answer)

    def note(self, name: str, description: str) -> Mapping[str, str]:
        """What it carries from birth."""
        return {"name": name, "description": description}

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """The environment's tags, which Neutron takes only when a part is there."""
        neutron_tags.tag(self._api, f"{self.words.path}/{found.id}", found.answer, tags=self._api.tags)

    def delete(self, id_: str) -> None:
        self._api.delete("network", f"{self.words.path}/{id_}")

    def ports(self, **query: str) -> list[CloudAnswer]:
        """Neutron's ports."""
        return list(self._api.list_all("network", "/ports", "ports", **query))

    def _require_free(self, name: str, listed: list[CloudAnswer]) -> None:
        for answer in listed:
            if answer.get("name") == name and read_found(answer) is None:
                raise ConflictError(
                    "name-taken",
                    f"The {self.kind} '{name}' already exists and does not belong to this environment.",
                    why=f"{answer['id']} has no owner key in its description.",
                    fix="Rename the environment, or delete the resource that has the name.",
                )


class Routers(NeutronPart):
    kind = layout.ROUTER
    words = NeutronWords(path="/routers", listed="routers", one="router")

    def body(self, resource: LandingResource, environment: str) -> Mapping[str, Any]:
        outside = external_network.find_external(self._api, self._config)
        return {"external_gateway_info": {"network_id": outside["id"]}}

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """Neutron makes a router first and then its way out, and may end between the two."""
        super().complete(found, resource, owner)
        if not found.answer.get("external_gateway_info"):
            way_out = dict(self.body(resource, owner.environment))
            self._api.put("network", f"/routers/{found.id}", {"router": way_out})


class ProjectNetworks(NeutronPart):
    kind = layout.NETWORK
    words = NeutronWords(path="/networks", listed="networks", one="network")

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_network_id": found.id}


class RoutedSubnets(NeutronPart):
    kind = layout.SUBNET
    words = NeutronWords(path="/subnets", listed="subnets", one="subnet")

    def body(self, resource: LandingResource, environment: str) -> Mapping[str, Any]:
        network = ProjectNetworks(self._api, self._config).need(str(resource.properties["network"]), environment)
        return layout.write_subnet(str(resource.properties["cidr"]), network=network.id, dns=self._config.dns)

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        super().complete(found, resource, owner)
        if not any(map(_is_router_s, self._ports_on(found.id))):
            router = Routers(self._api, self._config).need(layout.ROUTER, owner.environment)
            self._api.put("network", f"/routers/{router.id}/add_router_interface", {"subnet_id": found.id})

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        network = layout.network_of(found.name)
        return {f"{network}_cidr": str(found.answer["cidr"]), f"{network}_gateway": str(found.answer["gateway_ip"])}

    def delete(self, id_: str) -> None:
        """Off the router, and without ports that never got a server. Raises ConflictError, code landing-in-use."""
        ports = self._ports_on(id_)
        orphans = leftovers.ports_without_server(self._api, ports)
        for port in ports:
            if port in orphans:
                self._api.delete("network", f"/ports/{port['id']}")
            elif not str(port["device_owner"]).startswith("network:"):
                raise ConflictError(
                    "landing-in-use",
                    f"Subnet {id_} is still in use.",
                    why=f"Port {port['id']} of {port['device_id'] or 'an unknown resource'} is on it.",
                    fix="Delete the resources that use it, then run the same command.",
                )
        for port in filter(_is_router_s, ports):
            path = f"/routers/{port['device_id']}/remove_router_interface"
            self._api.put("network", path, {"subnet_id": id_})
        super().delete(id_)

    def _ports_on(self, subnet: str) -> list[CloudAnswer]:
        return self.ports(fixed_ips=f"subnet_id={subnet}")


class ProjectGroups(NeutronPart):
    kind = layout.GROUP
    words = NeutronWords(path="/security-groups", listed="security_groups", one="security_group")

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        super().complete(found, resource, owner)
        if resource.entries is None:
            wanted = layout.write_rules(resource.name, found.id, self._config)
        else:
            wanted = layout.template_rules(resource, found.id)
        missing = layout.missing_rules(wanted, found.answer)
        if missing:
            self._api.post("network", "/security-group-rules", {"security_group_rules": missing})
        for rule in layout.inbound_rules(found.answer) if resource.entries is not None else ():
            if layout.rule_line(rule) not in (resource.entries or ()):
                self._api.delete("network", f"/security-group-rules/{rule['id']}")

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        """Of a template's: VMs have the landing zone's own without naming them."""
        is_own = found.name in (lookups.GROUP_ALL, lookups.GROUP_PUBLIC)
        return {} if is_own else {f"{found.name}_security_group": found.id}

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return tuple(map(layout.rule_line, layout.inbound_rules(found.answer)))

    def delete(self, id_: str) -> None:
        try:
            super().delete(id_)
        except ConflictError:
            if not self._free(id_):
                raise
            super().delete(id_)

    def _free(self, group: str) -> bool:
        """Whether only ports that never got a server held it: a create that was interrupted left them."""
        ports = [port for port in self.ports(project_id=self._api.project()) if group in port["security_groups"]]
        orphans = leftovers.ports_without_server(self._api, ports)
        for port in orphans:
            self._api.delete("network", f"/ports/{port['id']}")
        return bool(orphans)


class FloatingAddresses(NeutronPart):
    kind = layout.ADDRESS
    words = NeutronWords(path="/floatingips", listed="floatingips", one="floatingip")

    def body(self, resource: LandingResource, environment: str) -> Mapping[str, Any]:
        wanted = str(resource.properties.get("dns_name", ""))
        if wanted:
            external_network.require_dns(self._api)
        outside = external_network.find_external(self._api, self._config)
        return {"floating_network_id": outside["id"], **layout.write_dns(wanted)}

    def note(self, name: str, description: str) -> Mapping[str, str]:
        return {"description": description}

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return layout.address_outputs(found.name, found.answer)


def read_found(answer: CloudAnswer) -> PartFound | None:
    """What Neutron listed, as a part; None: not compleat's."""
    note = names.read_note(answer.get("description"))
    owner, name = owner_tags.read_owner(note), note.get(names.NAME, "")
    if owner is None or not name or owner.deployment is not ENVIRONMENT_ITSELF:
        return None
    return PartFound(id=str(answer["id"]), name=name, owner=owner, answer=answer)


def _is_router_s(port: CloudAnswer) -> bool:
    return str(port["device_owner"]).startswith(("network:router_interface", "network:ha_router_replicated_interface"))
