"""LANDING of cpi.contract.cloud over parts: a cloud states each kind of part, and one class does the rest.

Takes parts in the order in which they can be made, gives what exists of an environment. A part is found before it is
made, completed if an earlier run was cut off, and listed so that the reverse order deletes everything.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar

from cpi.contract.errors import CloudError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.landing_parts import InnerPlace, JoinedParts
from cpi.contract.part_findings import PartFinding
from cpi.contract.value_classes import dataclass
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
from cpi.kit import front_networks, judge, part_entries
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import NATS, TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFound:
    """A part that exists: `id` names it to the cloud within its kind, `told` is what the cloud says of it."""

    id: str
    name: str
    owner: OwnerKey
    answer: Mapping[str, Any] = field(default_factory=dict)


class Part(ABC):
    """One kind of landing resource on one cloud: facts and calls, but no order, no retry and no waiting."""

    cloud: ClassVar[str]
    kind: str
    shows_late: ClassVar[bool] = False
    """Whether the cloud may take a while to show what it made: not found is "not yet" then."""

    @abstractmethod
    def find(self, environment: str, name: str = "") -> Iterable[PartFound]:
        """The environment's, all of them or those with our `name`.

        Raises ConflictError, code name-taken, where a resource of somebody else has that name.
        """

    @abstractmethod
    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """A new one, with its owner key from birth."""

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """Add what a creation that was cut off has not added; where the resource has entries, make its own the same."""
        return

    def entries(self, found: PartFound) -> tuple[str, ...]:
        """Its rules or routes, a line each, as resources of a plan have them; nothing of what has none."""
        return ()

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        """Variables for cloud configs."""
        return {}

    def place(self, found: PartFound) -> InnerPlace:
        """Where it is, if it has an address in a network."""
        return InnerPlace()

    @abstractmethod
    def delete(self, id_: str) -> None:
        """After: absent. Absent before is success. Raises ConflictError while something uses it."""

    def first(self, name: str, environment: str) -> PartFound | None:
        """The one with our name; of twins, which a lost answer can make, always the same."""
        return min(self.find(environment, name), key=lambda one: one.id, default=None)

    def need(self, name: str, environment: str) -> PartFound:
        """The one with our name, for a part that depends on it.

        Raises TransientError, code not-visible-yet, or NotFoundError, code landing-incomplete.
        """
        found = self.first(name, environment)
        if found is not None:
            return found
        if self.shows_late:
            raise TransientError(
                "not-visible-yet",
                f"{self.cloud} does not show {self.kind} '{name}' yet.",
                fix="No action needed: compleat retries.",
            )
        raise NotFoundError(
            "landing-incomplete",
            f"The landing zone has no {self.kind} '{name}'.",
            fix="Run `compleat up` again: it creates what is missing.",
        )


def _forget_nothing() -> None:
    return None


class PartsLanding(ABC):
    """Implements Landing of cpi.contract.cloud. `forget` drops what the cloud's other rooms remember of its state."""

    def __init__(self, parts: Sequence[Part], *, forget: Callable[[], None] = _forget_nothing) -> None:
        self._parts = {part.kind: part for part in parts}
        self._forget = forget
        self._made: dict[tuple[str, str, str], PartFound] = {}
        """What was made here and the cloud may not show yet."""

    placing: ClassVar[tuple[str, ...]] = ("network",)
    """Cloud properties of a network that say where it is: a network that is created has none of them."""

    has_ipv6: ClassVar[bool] = False
    """Whether networks that are created can have IPv6 ranges."""

    abilities: ClassVar[PartAbilities]
    """What the cloud can express of the parts that templates add."""

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        judge.require(judge.fatal(self.part_findings(spec)), NotSupportedError)
        return self.resources_of(spec)

    @abstractmethod
    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        """The resources of a spec that the cloud can express."""

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        return judge.landing_parts_of(spec, self.abilities)

    def joined_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        properties = self.part_properties(spec, joined)
        if joined.forwards and not self.abilities.forwarding:
            raise NotSupportedError(
                part_abilities.REFUSED,
                f"{self.abilities.cloud} cannot let a machine forward traffic that is for others.",
                why="It drops what a machine sends from an address that is not its own.",
                fix="Remove enableIPForwarding from its interfaces.",
            )
        return {**properties, **self.abilities.forwarding} if joined.forwards else properties

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        """Where no part is more than a remark, a VM has no properties of it."""
        return {}

    def managed_network(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        placed = [key for key in self.placing if network.cloud_properties.get(key)]
        if placed:
            raise CloudError(
                "managed-network-placed",
                f"The cloud properties of a managed network name an existing one: {', '.join(placed)}.",
                why="A managed network is created by the deployment that first uses it.",
                fix="Remove these cloud properties, or remove `managed`.",
            )
        if ":" in network.cidr and not self.has_ipv6:
            raise CloudError(
                "network-range-invalid",
                f"A managed network cannot have the range {network.cidr}.",
                why="On this cloud compleat creates IPv4 networks only.",
                fix="Write an IPv4 range, or name an existing IPv6 network and remove `managed`.",
            )
        named = {TABLES: network.parts.route_table, NATS: network.parts.nat_gateway}
        judge.require(
            (
                part_abilities.refused((kind, name), "what a network names", self.abilities, why=why).finding
                for kind, why in self.abilities.missing.items()
                if (name := named.get(kind))
            ),
            NotSupportedError,
        )
        return self.network_parts(network)

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        """The resources of one more network."""
        lines = part_entries.network_lines(network.parts)
        return (LandingResource(kind="network", name=network.name, properties={"cidr": network.cidr}, entries=lines),)

    def front_networks(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        """The resources of networks that load balancers are in, which exist before these."""
        return tuple(one for network in front_networks.front_networks(spec) for one in self.managed_network(network))

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        part = self._part(resource.kind)
        self._forget()
        try:
            found = part.first(resource.name, owner.environment) or self._make(part, resource, owner)
            part.complete(found, resource, owner)
        except NotFoundError as error:
            if not part.shows_late:
                raise
            raise TransientError(
                "not-visible-yet",
                f"{part.cloud} does not show the dependencies of {resource.kind} '{resource.name}' yet.",
                why=error.why,
                fix="No action needed: compleat retries.",
            ) from error
        return _read(part, found)

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        """Each after what it needs, so that the reverse order can delete them."""
        return tuple(
            _read(part, found)
            for part in self._parts.values()
            for found in sorted(part.find(environment), key=lambda one: one.name)
            if found.owner.environment == environment
        )

    def delete_landing_resource(self, cid: LandingCid) -> None:
        kind, _, id_ = cid.partition(":")
        part = self._part(kind)
        self._forget()
        self._made.clear()
        part.delete(id_)

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=address, port=port)

    def _part(self, kind: str) -> Part:
        if kind not in self._parts:
            cloud = next(iter(self._parts.values())).cloud
            raise NotFoundError(
                "unknown-landing-kind",
                f"{cloud}'s landing zones have no resource kind '{kind}'.",
                why=f"The kinds are {', '.join(self._parts)}.",
            )
        return self._parts[kind]

    def _make(self, part: Part, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """A new one; or the one that was made here before, where the cloud may not show it yet."""
        key = (owner.environment, resource.kind, resource.name)
        if not part.shows_late:
            return part.make(resource, owner)
        if key not in self._made:
            self._made[key] = part.make(resource, owner)
        return self._made[key]


def _read(part: Part, found: PartFound) -> FoundLandingResource:
    return FoundLandingResource(
        cid=LandingCid(f"{part.kind}:{found.id}"),
        kind=part.kind,
        name=found.name,
        owner=found.owner,
        outputs=part.outputs(found),
        entries=part.entries(found),
        place=part.place(found),
    )
