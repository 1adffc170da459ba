"""NAT gateways of the local cloud, which its service makes.

Takes specs and resources, gives what exists.
"""

from collections.abc import Iterator, Mapping

from cpi.clouds.local.inside.records import gateway_records
from cpi.clouds.local.inside.records.gateway_records import GatewayRecord
from cpi.clouds.local.inside.records.orders import GatewayOrder
from cpi.clouds.local.machines import finder
from cpi.clouds.local.wire.api import Api
from cpi.contract.landing_parts import NatGatewaySpec
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, OwnerKey
from cpi.kit import part_entries
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import NATS
from cpi.kit.landing import Part, PartFound

KIND = "nat_gateway"
_USUAL_MINUTES = NatGatewaySpec(name="", addresses=()).idle_minutes


def gateway_resource(spec: NatGatewaySpec) -> LandingResource:
    """After its public address."""
    (address,) = spec.addresses
    properties: dict[str, JsonValue] = {"address": address, "idle_minutes": spec.idle_minutes}
    lines = part_entries.gateway_lines(spec)
    return LandingResource(kind=KIND, name=spec.name, after=(address,), properties=properties, entries=lines)


def findings(spec: LandingSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """What its gateways do not do."""
    for nat in spec.nat_gateways:
        path = (NATS, nat.name)
        if len(nat.addresses) != 1:
            why = "Its router translates to one address."
            yield part_abilities.refused(path, f"a NAT gateway with {len(nat.addresses)} addresses", abilities, why=why)
        why = (
            "Nothing leads from its machines to the internet. What they send to public addresses of the cloud leaves "
            "from the gateway's."
        )
        yield part_abilities.unused(path, "way to the internet of NAT gateway", abilities, why=why)
        if nat.idle_minutes != _USUAL_MINUTES:
            why = "The kernel's own timeouts are for all that the router translates."
            yield part_abilities.unused(path, "idle timeout of NAT gateway", abilities, why=why)


class LocalGateways(Part):
    """As networks: the service looks, makes and changes under its lock."""

    cloud = "The local cloud"
    kind = KIND

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            yield from map(_found, gateway_records.list_gateways(self._api.state))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        order: GatewayOrder = {
            "name": resource.name,
            "address": str(resource.properties["address"]),
            "idle_minutes": int(str(resource.properties["idle_minutes"])),
            "owner": finder.write_owner(owner),
            "tags": self._tags,
        }
        return _found(self._api.call("create_gateway", order))

    def entries(self, found: PartFound) -> tuple[str, ...]:
        minutes: int = found.answer["idle_minutes"]
        there = NatGatewaySpec(name=found.name, addresses=(str(found.answer["address"]),), idle_minutes=minutes)
        return part_entries.gateway_lines(there)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_nat_gateway": found.name}

    def delete(self, id_: str) -> None:
        self._api.call_if_exists("delete_gateway", {"name": id_})


def _found(gateway: GatewayRecord) -> PartFound:
    name = gateway["name"]
    return PartFound(id=name, name=name, owner=finder.read_owner(gateway["owner"]), answer=gateway)
