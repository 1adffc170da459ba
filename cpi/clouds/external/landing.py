"""Managed networks on an external CPI: the part of LANDING that BOSH's protocol has.

Takes networks to create, gives landing resources. Everything else of a landing zone exists before.
Source: cloudfoundry/bosh deployment_plan/stages/create_network.rb.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace

from cpi.clouds.external.cloud import ExternalCloud
from cpi.clouds.external.network_records import CreatedNetwork, NetworkRecords
from cpi.contract.errors import CloudError, LostReplyError, NotSupportedError
from cpi.contract.landing_parts import JoinedParts, NetworkParts
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import (
    Endpoint,
    FoundLandingResource,
    JsonValue,
    LandingCid,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    OwnerKey,
)
from cpi.kit import judge
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import ACCOUNTS, BALANCERS, GROUPS, IMAGES, NATS, TABLES

_KIND = "network"
_ABILITIES = PartAbilities(
    cloud="A CPI executable",
    missing=dict.fromkeys(
        (GROUPS, TABLES, NATS, BALANCERS, ACCOUNTS, IMAGES), "BOSH's protocol has no call that creates one."
    ),
)


class ExternalLanding:
    """Implements Landing. `records` are the networks that were created."""

    def __init__(self, cloud: ExternalCloud, records: NetworkRecords) -> None:
        self._cloud = cloud
        self._records = records

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return ()

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        return judge.landing_parts_of(spec, _ABILITIES)

    def joined_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        if joined.forwards:
            raise NotSupportedError(
                part_abilities.REFUSED,
                f"{_ABILITIES.cloud} has no call that lets a machine forward traffic that is for others.",
                why="Each CPI has cloud properties of its own for that.",
                fix="Remove enableIPForwarding from its interfaces, or deploy a manifest with these cloud properties.",
            )
        return {}

    def managed_network(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        if "network" in network.cloud_properties:
            raise CloudError(
                "managed-network-placed",
                "The cloud properties of a managed network name an existing one: network.",
                why="A managed network is created by the deployment that first uses it.",
                fix="Remove these cloud properties, or remove `managed`.",
            )
        about: dict[str, JsonValue] = {
            "range": network.cidr,
            "gateway": network.gateway,
            "cloud_properties": {**network.cloud_properties, **_named(network.parts)},
        }
        return (LandingResource(kind=_KIND, name=network.name, properties=about),)

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        there = self._records.find(resource.name)
        if there is None:
            return _found(self._create(resource, owner))
        if not there.cid:
            raise self._doubtful(resource.name)
        return _found(there)

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        """Those with a CID: one whose call had no answer may not exist."""
        return tuple(
            _found(one) for one in self._records.list_all() if one.cid and one.owner.environment == environment
        )

    def delete_landing_resource(self, cid: LandingCid) -> None:
        self._cloud.delete_network(cid)
        for one in self._records.list_all():
            if one.cid == cid:
                self._records.remove(one.name)

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=address, port=port)

    def _create(self, resource: LandingResource, owner: OwnerKey) -> CreatedNetwork:
        asked = resource.properties
        begun = CreatedNetwork(name=resource.name, owner=owner, cidr=str(asked["range"]), gateway=str(asked["gateway"]))
        self._records.save(begun)
        try:
            answer = self._cloud.create_network({"type": "manual", **asked}, owner=owner)
        except LostReplyError:
            raise
        except CloudError:
            self._records.remove(resource.name)
            raise
        cidr = str(answer.addresses.get("range") or begun.cidr)
        made = replace(begun, cid=answer.cid, cloud_properties=answer.cloud_properties, cidr=cidr)
        self._records.save(made)
        _check_same(begun, made, answer.addresses)
        return made

    def _doubtful(self, name: str) -> CloudError:
        return NotSupportedError(
            "cpi-network-uncertain",
            f"Network '{name}' may exist already.",
            why="An earlier create_network had no answer, and BOSH's protocol cannot find a network.",
            fix=f"Look for it in the cloud and delete it if it exists; then delete {self._records.path(name)} and run "
            "the command again.",
        )


def _check_same(asked: CreatedNetwork, made: CreatedNetwork, addresses: Mapping[str, JsonValue]) -> None:
    """The plan holds addresses of the range that it asked for. The network is recorded: a second deploy uses it."""
    reserved = addresses.get("reserved") or []
    if _normal(asked.cidr) == _normal(made.cidr) and not reserved:
        return
    listed = ", ".join(map(str, reserved)) if isinstance(reserved, list | tuple) else str(reserved)
    raise CloudError(
        "cpi-network-differs",
        f"The CPI created network '{asked.name}' otherwise than the plan has it.",
        why=f"Its range is {made.cidr}, the plan's is {asked.cidr}; reserved in it: {listed or 'nothing'}.",
        fix="Write the range and `reserved` into the subnet of the cloud config, then run the command again: it uses "
        "the network that exists.",
    )


def _normal(cidr: str) -> str:
    try:
        return str(ipaddress.ip_network(cidr, strict=False))
    except ValueError:
        return cidr


def _found(one: CreatedNetwork) -> FoundLandingResource:
    outputs = {f"{one.name}_cidr": one.cidr, f"{one.name}_gateway": one.gateway}
    return FoundLandingResource(cid=LandingCid(one.cid), kind=_KIND, name=one.name, owner=one.owner, outputs=outputs)


def _named(parts: NetworkParts) -> Mapping[str, JsonValue]:
    """Cloud properties that compleat's own clouds act on, as they were written: a CPI has its own meaning for them."""
    written = {"route_table": parts.route_table, "nat_gateway": parts.nat_gateway}
    return {key: name for key, name in written.items() if name}
