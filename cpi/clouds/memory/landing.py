"""The memory cloud's landing zone: networks, public addresses, object storage.

Takes a landing spec, gives resources to make, find and delete.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cpi.clouds.memory import image_sources, quotas, rules
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.contract.errors import ConflictError
from cpi.contract.landing_parts import (
    InnerPlace,
    JoinedParts,
    LoadBalancerSpec,
    NatGatewaySpec,
    RouteTableSpec,
    SecurityGroupSpec,
)
from cpi.contract.values import FoundLandingResource, JsonValue, LandingCid, LandingResource, LandingSpec, OwnerKey
from cpi.kit import blob_accounts, judge, part_entries
from cpi.kit.judge import PartAbilities
from cpi.kit.landing import Part, PartFound, PartsLanding
from cpi.kit.ranges import Range

STORAGE = "storage"
_PARTS = (
    ("security_group", "security_groups"),
    ("route_table", "route_tables"),
    ("nat_gateway", "nat_gateways"),
    ("load_balancer", "load_balancers"),
    ("availability_set", "availability_sets"),
)
"""The kinds that templates add, and where a spec has them."""
_KINDS = (
    *("network", "public_address", STORAGE),
    *(kind for kind, _ in _PARTS),
    *(blob_accounts.ACCOUNT, blob_accounts.CONTAINER),
)
_UNNAMED = (STORAGE, blob_accounts.CONTAINER)
"""Kinds that no variable names."""
_PUBLIC = "203.0.113."


class MemoryPart(Part):
    """Any kind; the cloud's resources are what exists."""

    cloud = "The memory cloud"

    def __init__(self, cloud: MemoryCloud, kind: str) -> None:
        self.kind = kind
        self._cloud = cloud
        self._landing = cloud.resources.landing

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        for cid, there in self._landing.items():
            if there.kind == self.kind and name in ("", there.name):
                if name and there.owner.environment != environment:
                    raise _taken(there)
                id_ = cid.partition(":")[2]
                yield PartFound(id=id_, name=there.name, owner=there.owner, answer=there.outputs)

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        rules.check_landing_name(self._cloud.rules, resource.name)
        outputs, id_ = self.outputs_for(resource), self._cloud.resources.next_cid(resource.kind)
        cid = LandingCid(f"{self.kind}:{id_}")
        self._landing[cid] = FoundLandingResource(
            cid=cid,
            kind=resource.kind,
            name=resource.name,
            owner=owner,
            outputs=outputs,
            entries=resource.entries or (),
            place=_place(resource),
        )
        self._cloud.resources.labels[cid] = dict(self._cloud.tags)
        return PartFound(id=id_, name=resource.name, owner=owner, answer=outputs)

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        cid = LandingCid(f"{self.kind}:{found.id}")
        there = self._landing[cid]
        if resource.entries is not None:
            part_entries.require_front(resource.name, resource.entries, there.entries)
            self._landing[cid] = replace(there, entries=resource.entries)

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return self._landing[LandingCid(f"{self.kind}:{found.id}")].entries

    def place(self, found: PartFound) -> InnerPlace:
        return self._landing[LandingCid(f"{self.kind}:{found.id}")].place

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return found.answer

    def delete(self, id_: str) -> None:
        cid = LandingCid(f"{self.kind}:{id_}")
        found = self._landing.get(cid)
        if found and self._is_used(found):
            raise ConflictError("landing-in-use", f"A VM still uses {found.kind} '{found.name}'.")
        if found and found.kind == "network" and any(one.place.network == found.name for one in self._landing.values()):
            raise ConflictError("landing-in-use", f"A load balancer is still in network '{found.name}'.")
        self._landing.pop(cid, None)
        if found and found.kind == STORAGE:
            self._cloud.resources.blobs.clear()
        if found and found.kind == blob_accounts.ACCOUNT:
            for inside in [key for key, one in self._landing.items() if one.name.startswith(f"{found.name}/")]:
                del self._landing[inside]

    def outputs_for(self, resource: LandingResource) -> Mapping[str, str]:
        """What a new one is known by."""
        resources = self._cloud.resources
        if resource.kind == "network":
            cidr = str(resource.properties.get("cidr", ""))
            check_free(resource.name, cidr, resources.networks(self._cloud.rules))
            quotas.check_quota(self._cloud.rules, resources, {"networks": 1})
            return {"cidr": cidr, f"{resource.name}_network": resource.name, f"{resource.name}_cidr": cidr}
        if resource.kind == blob_accounts.ACCOUNT:
            return blob_accounts.variables(resource.name, resource.name, f"memory:{resource.name}/")
        if resource.kind not in ("network", "public_address"):
            return {} if resource.kind in _UNNAMED else {f"{resource.name}_{resource.kind}": resource.name}
        held = resources.public_addresses()
        quotas.check_quota(self._cloud.rules, resources, {"public-addresses": 1})
        address = next(f"{_PUBLIC}{last}" for last in range(2, 255) if f"{_PUBLIC}{last}" not in held)
        public = {f"{resource.name}_public_ip": address, f"{resource.name}_public_host": address}
        return {"address": address, **public}

    def _is_used(self, found: FoundLandingResource) -> bool:
        used = [network for held in self._cloud.resources.vms.values() for network in held.found.created.networks]
        if found.kind == "network":
            return any(rules.network_name(network) == found.name for network in used)
        return any(network.ip == found.outputs.get("address") for network in used)


class MemoryLanding(PartsLanding):
    """Each of its calls is one of the cloud's: logged, timed and failed on demand."""

    abilities = PartAbilities(
        cloud="The memory cloud",
        has_deny_rules=True,
        forwarding={"ip_forwarding": True},
        has_account_settings=True,
        image_places=image_sources.PLACES,
        has_generations=True,
    )

    def __init__(self, cloud: MemoryCloud, part: Callable[[MemoryCloud, str], MemoryPart] = MemoryPart) -> None:
        super().__init__([part(cloud, kind) for kind in _KINDS])
        self._cloud = cloud

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        networks = tuple(
            LandingResource(kind="network", name=name, properties={"cidr": cidr})
            for name, cidr in spec.networks.items()
        )
        after = tuple(network.name for network in networks)
        public = tuple(LandingResource(kind="public_address", name=name, after=after) for name in spec.public_names)
        storage = (LandingResource(kind=STORAGE, name="blobs"),) if self._cloud.rules.has_storage else ()
        accounts = blob_accounts.resources(spec, after=after, has_settings=True)
        inner = self.front_networks(spec)
        return (*networks, *public, *storage, *inner, *_parts(spec, after=after), *accounts)

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        named = {"load_balancers": joined.load_balancers, "load_balancer_nat_rules": joined.nat_rules}
        return {key: list[JsonValue](names) for key, names in named.items() if names}

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        with self._cloud.gate.call("create_landing_resource", owner.action):
            return super().create_landing_resource(resource, owner)

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        with self._cloud.gate.call("find_landing_resources"):
            return super().find_landing_resources(environment)

    def delete_landing_resource(self, cid: LandingCid) -> None:
        with self._cloud.gate.call("delete_landing_resource", cid):
            super().delete_landing_resource(cid)


def _parts(spec: LandingSpec, *, after: tuple[str, ...]) -> Iterator[LandingResource]:
    for kind, place in _PARTS:
        for part in getattr(spec, place):
            yield LandingResource(
                kind=kind,
                name=part.name,
                after=(*after, *_inner(part)),
                properties=_front(part),
                entries=_entries(part),
            )


def _inner(part: object) -> tuple[str, ...]:
    """The network that it is in."""
    return (part.network,) if isinstance(part, LoadBalancerSpec) and part.network else ()


def _front(part: object) -> Mapping[str, JsonValue]:
    return {"network": part.network, "address": part.address} if isinstance(part, LoadBalancerSpec) else {}


def _place(resource: LandingResource) -> InnerPlace:
    properties = resource.properties
    return InnerPlace(network=str(properties.get("network") or ""), address=str(properties.get("address") or ""))


def _entries(part: object) -> tuple[str, ...] | None:
    match part:
        case SecurityGroupSpec(rules=rules):
            return tuple(map(part_entries.rule_line, rules))
        case NatGatewaySpec():
            return part_entries.gateway_lines(part)
        case RouteTableSpec(routes=routes):
            return tuple(map(part_entries.route_line, routes))
        case LoadBalancerSpec():
            return part_entries.balancer_lines(part)
        case _:
            return None


def _taken(there: FoundLandingResource) -> ConflictError:
    return judge.name_taken(there.kind, there.name, why=f"It belongs to environment '{there.owner.environment}'.")


def check_free(name: str, cidr: str, networks: Mapping[str, str]) -> None:
    """Raises CloudError `network-range-invalid`, ConflictError `ranges-overlap`."""
    try:
        ipaddress.IPv4Network(cidr)
    except ValueError as error:
        judge.require([judge.invalid_range(name, cidr, why=f"{error}.")])
    there = [Range(name=f"network '{other}'", cidr=held) for other, held in networks.items()]
    judge.require(judge.overlaps([Range(name=f"network '{name}'", cidr=cidr)], there), ConflictError)
