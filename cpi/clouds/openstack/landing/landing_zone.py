"""LANDING: router, networks, subnets, security groups, floating addresses, key pair and container of an environment.

Takes a spec or resources, gives what exists. Each part is looked for before it is made, and completed if cut off.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.landing.containers import Container
from cpi.clouds.openstack.machines import leftovers
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.wire import names, neutron_tags
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import ConflictError, NotFoundError, NotSupportedError
from cpi.contract.values import Endpoint, FoundLandingResource, LandingCid, LandingResource, LandingSpec, OwnerKey

Told = Mapping[str, Any]

_SINGULAR = {
    layout.ROUTER: "router",
    layout.NETWORK: "network",
    layout.SUBNET: "subnet",
    layout.GROUP: "security_group",
    layout.ADDRESS: "floatingip",
}


class OpenStackLanding:
    def __init__(self, api: Api, config: OpenStackConfig, *, places: Lookups, container: Container) -> None:
        self._api = api
        self._container = container
        self._config = config
        self._places = places

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return layout.write_resources(spec, self._config)

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        self._places.forget()
        if resource.kind == layout.KEY:
            return self._create_key(resource, owner)
        if resource.kind == layout.CONTAINER:
            return self._container.find(owner.environment) or self._container.make(owner)
        if resource.kind not in layout.LISTS:
            raise NotFoundError(
                "unknown-landing-kind",
                f"OpenStack landing zones have no resource kind '{resource.kind}'.",
                why=f"The kinds are {', '.join(layout.ORDER)}.",
            )
        told = self._find(resource, owner.environment) or self._make(resource, owner)
        self._complete(resource, told, owner.environment)
        found = layout.read_resource(resource.kind, told)
        assert found is not None
        return found

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        every = [layout.read_resource(kind, told) for kind in layout.LISTS for told in self._list(kind)]
        found = [one for one in every if one is not None and one.owner.environment == environment]
        found += self._keys(environment)
        container = self._container.find(environment)
        found += [container] if container is not None else []
        return tuple(sorted(found, key=lambda one: (layout.ORDER.index(one.kind), one.name)))

    def delete_landing_resource(self, cid: LandingCid) -> None:
        self._places.forget()
        kind, _, which = cid.partition(":")
        if kind == layout.KEY:
            self._api.delete("compute", f"/os-keypairs/{quote(which)}")
        elif kind == layout.CONTAINER:
            self._container.delete(which)
        elif kind in layout.LISTS:
            if kind == layout.SUBNET:
                self._empty_subnet(which)
            path = f"{layout.LISTS[kind][0]}/{which}"
            try:
                self._api.delete("network", path)
            except ConflictError:
                if kind != layout.GROUP or not self._free_group(which):
                    raise
                self._api.delete("network", path)

    def public_endpoint(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=address, port=port)

    def external_network(self) -> Told:
        """Where floating addresses come from."""
        query = {"router:external": "True"}
        told = list(self._api.list_all("network", "/networks", "networks", **query))
        return layout.choose_external(told, self._config.external_network)

    def require_name(self, resource: LandingResource) -> None:
        """Raises ConflictError, code name-taken, where somebody else's part has the name."""
        if resource.kind in layout.LISTS:
            self._find(resource, self._places.environment)

    def require_dns(self) -> None:
        """Raises NotSupportedError, code dns-names-not-supported, where Neutron makes no DNS names."""
        try:
            self._api.read("network", "/extensions/dns-integration")
        except NotFoundError as error:
            raise NotSupportedError(
                "dns-names-not-supported",
                "This OpenStack does not create DNS names for floating addresses.",
                why=f"Neutron has no extension dns-integration. {error.why}".strip(),
                fix="Remove dns_names from the environment's file, or ask the operator for Designate with Neutron.",
            ) from error

    def _find(self, resource: LandingResource, environment: str) -> Told | None:
        """Ours by kind and name. Raises ConflictError, code name-taken, for another's of that name."""
        name = names.landing_name(environment, resource.name)
        for told in self._list(resource.kind):
            found = layout.read_resource(resource.kind, told)
            if found and (found.owner.environment, found.name) == (environment, resource.name):
                return told
            if found is None and told.get("name") == name:
                raise ConflictError(
                    "name-taken",
                    f"The {resource.kind} '{name}' already exists and does not belong to this environment.",
                    why=f"{told['id']} has no owner key in its description.",
                    fix="Rename the environment, or delete the resource that has the name.",
                )
        return None

    def _make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        word, note = _SINGULAR[resource.kind], layout.note_of(owner, resource.name)
        body: dict[str, Any] = {**note, **self._body(resource, owner.environment)}
        if resource.kind == layout.ADDRESS:
            del body["name"]
        told: Told = self._api.post("network", layout.LISTS[resource.kind][0], {word: body})[word]
        return told

    def _body(self, resource: LandingResource, environment: str) -> Mapping[str, Any]:
        if resource.kind == layout.ROUTER:
            return {"external_gateway_info": {"network_id": self.external_network()["id"]}}
        if resource.kind == layout.ADDRESS:
            wanted = str(resource.properties.get("dns_name", ""))
            if wanted:
                self.require_dns()
            return {"floating_network_id": self.external_network()["id"], **layout.write_dns(wanted)}
        if resource.kind == layout.SUBNET:
            network = self._needed(layout.NETWORK, str(resource.properties["network"]), environment)
            cidr = str(resource.properties["cidr"])
            return layout.write_subnet(cidr, network=str(network["id"]), dns=self._config.dns)
        return {}

    def _complete(self, resource: LandingResource, told: Told, environment: str) -> None:
        """What a second call adds to a part that stands."""
        neutron_tags.tag(self._api, f"{layout.LISTS[resource.kind][0]}/{told['id']}", told, tags=self._api.tags)
        if resource.kind == layout.ROUTER and not told.get("external_gateway_info"):
            # Neutron makes a router first and then its way out, and may end between the two.
            way_out = {"router": dict(self._body(resource, environment))}
            self._api.put("network", f"/routers/{told['id']}", way_out)
        if resource.kind == layout.SUBNET and not self._router_ports(str(told["id"])):
            router = self._needed(layout.ROUTER, "router", environment)
            body = {"subnet_id": told["id"]}
            self._api.put("network", f"/routers/{router['id']}/add_router_interface", body)
        if resource.kind == layout.GROUP:
            wanted = layout.write_rules(resource.name, str(told["id"]), self._config)
            missing = layout.missing_rules(wanted, told)
            if missing:
                body = {"security_group_rules": missing}
                self._api.post("network", "/security-group-rules", body)

    def _needed(self, kind: str, name: str, environment: str) -> Told:
        found = self._find(LandingResource(kind=kind, name=name), environment)
        if found is None:
            raise NotFoundError(
                "landing-incomplete",
                f"The landing zone has no {kind} '{name}'.",
                fix="Run `compleat up` again: it creates what is missing.",
            )
        return found

    def _empty_subnet(self, subnet: str) -> None:
        """Off the router, and without ports that never got a server. Raises ConflictError, code landing-in-use."""
        ports = self._ports_on(subnet)
        orphans = leftovers.ports_without_server(self._api, ports)
        for port in ports:
            if port in orphans:
                self._api.delete("network", f"/ports/{port['id']}")
            elif not str(port["device_owner"]).startswith("network:"):
                raise ConflictError(
                    "landing-in-use",
                    f"Subnet {subnet} is still in use.",
                    why=f"Port {port['id']} of {port['device_id'] or 'an unknown resource'} is on it.",
                    fix="Delete the resources that use it, then run the same command.",
                )
        for port in filter(_is_router_s, ports):
            path = f"/routers/{port['device_id']}/remove_router_interface"
            self._api.put("network", path, {"subnet_id": subnet})

    def _free_group(self, group: str) -> bool:
        """Whether ports without a server held it: leftovers of an interrupted create that will not continue."""
        ports = [port for port in self._ports(project_id=self._api.project()) if group in port["security_groups"]]
        orphans = leftovers.ports_without_server(self._api, ports)
        for port in orphans:
            self._api.delete("network", f"/ports/{port['id']}")
        return bool(orphans)

    def _router_ports(self, subnet: str) -> list[Told]:
        return list(filter(_is_router_s, self._ports_on(subnet)))

    def _ports_on(self, subnet: str) -> list[Told]:
        return self._ports(fixed_ips=f"subnet_id={subnet}")

    def _ports(self, **query: str) -> list[Told]:
        return list(self._api.list_all("network", "/ports", "ports", **query))

    def _list(self, kind: str) -> Iterator[Told]:
        """Of this project: an administrator sees all."""
        path, key = layout.LISTS[kind]
        return self._api.list_all("network", path, key, project_id=self._api.project())

    def _create_key(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        there = next(iter(self._keys(owner.environment)), None)
        if there is not None:
            return there
        name = names.key_pair_name(owner.environment, owner.action)
        body = {"keypair": {"name": name, "public_key": resource.properties["public_key"]}}
        self._api.post("compute", "/os-keypairs", body)
        found = layout.read_named(layout.KEY, name, owner.environment)
        assert found is not None
        return found

    def _keys(self, environment: str) -> list[FoundLandingResource]:
        listed = self._api.list_all("compute", "/os-keypairs", "keypairs")
        found = [layout.read_named(layout.KEY, str(one["keypair"]["name"]), environment) for one in listed]
        return [one for one in found if one is not None]


def _is_router_s(port: Told) -> bool:
    return str(port["device_owner"]).startswith(("network:router_interface", "network:ha_router_replicated_interface"))
