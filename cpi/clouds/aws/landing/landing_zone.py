"""LANDING: the parts of AWS's landing zone, in the order in which they can be made.

Takes specs and resources, gives what exists; how, is in cpi.kit.landing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.clouds.aws.images import image_sources
from cpi.clouds.aws.landing import balancer_layout, layout, route_layout
from cpi.clouds.aws.landing.blob_accounts import AccountBuckets, BucketFolders
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.landing.load_balancers import BalancerTargets, LoadBalancers
from cpi.clouds.aws.landing.security_groups import ElasticAddresses, KeyPairs, SecurityGroups
from cpi.clouds.aws.landing.vpcs import Vpcs
from cpi.clouds.aws.landing.zone_networks import GatewayEndpoints, InternetGateways, NatGateways, RouteTables, Subnets
from cpi.clouds.aws.machines import lookups
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import NotSupportedError
from cpi.contract.landing_parts import JoinedParts, LoadBalancerSpec, NetworkParts
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, ManagedNetwork
from cpi.kit import blob_accounts, judge, part_entries
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import GROUPS, SETS
from cpi.kit.landing import PartsLanding


class AwsLanding(PartsLanding):
    abilities = PartAbilities(
        cloud="AWS",
        unused={SETS: "AWS places instances on different hosts as it can; compleat makes no placement group."},
        reserved=frozenset(
            {lookups.DEFAULT_GROUP, lookups.PUBLIC_GROUP, layout.PUBLIC, layout.PRIVATE, layout.PRIVATE_WAY}
        ),
        refused_hops={
            "appliance": "Its routes lead to network interfaces, and that of a machine exists after the routes.",
            "gateway": "compleat creates no VPN gateway there.",
        },
        refused_balancing={"*": "Its network load balancers listen on single ports of TCP and UDP."},
        unprobed={"udp": "Its network load balancers probe each machine by TCP, HTTP or HTTPS."},
        shares_ports=False,
        image_places=image_sources.PLACES,
        refused_images=image_sources.REFUSED,
        probe_seconds=(5, 300),
        probe_failures=(2, 10),
        forwarding={"source_dest_check": False},
    )
    placing = ("network", "subnet")

    def __init__(
        self, api: Api, places: Lookups, *, bucket: Bucket, records: Records, forget: Callable[[], None]
    ) -> None:
        config = places.config
        self._config = config
        self._environment = places.environment
        accounts = AccountBuckets(api, bucket)
        parts = (
            Vpcs(api),
            InternetGateways(api),
            Subnets(api),
            ElasticAddresses(api, config.dns_names),
            records,
            RouteTables(api),
            NatGateways(api),
            GatewayEndpoints(api),
            SecurityGroups(api),
            KeyPairs(api),
            bucket,
            BalancerTargets(api),
            LoadBalancers(api),
            accounts,
            BucketFolders(api, accounts),
        )
        super().__init__(parts, forget=forget)

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        balancers = balancer_layout.resources(spec, self._config, self._environment)
        routes = route_layout.resources(spec, self._config)
        accounts = blob_accounts.resources(spec)
        fronts = (replace(one, after=("vpc", str(one.properties["routes"]))) for one in self.front_networks(spec))
        return (*layout.landing_resources(spec, self._config), *routes, *fronts, *balancers, *accounts)

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        return (*super().part_findings(spec), *_taken_groups(spec), *route_layout.findings(spec, self.abilities))

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        """Beside the landing zone's own group, in which machines reach each other."""
        self._require_reached(spec, joined)
        group = judge.required_group(spec, joined, self.abilities)
        behind = [one for one in spec.load_balancers if balancer_layout.joins(one, joined)]
        self._require_zone(spec, joined, behind)
        if not behind:
            return {"security_groups": [lookups.DEFAULT_GROUP, group]} if group else {}
        probes = (balancer_layout.group_name(one.name) for one in behind)
        targets = [name for one in behind for name in balancer_layout.target_names(one, joined, self._environment)]
        return {
            "security_groups": [lookups.DEFAULT_GROUP, group or lookups.PUBLIC_GROUP, *probes],
            "lb_target_groups": list[JsonValue](targets),
        }

    def _require_reached(self, spec: LandingSpec, joined: JoinedParts) -> None:
        """A public address is reached through the internet gateway, which the machine's table must lead to."""
        parts = spec.network_parts.get(joined.network, NetworkParts())
        if joined.has_public_address and not route_layout.is_public(parts, spec):
            raise NotSupportedError(
                part_abilities.REFUSED,
                "AWS cannot give a machine a public address in a subnet whose routes do not lead to the internet.",
                why=f"The subnet has {' and '.join(part_entries.network_lines(parts))}: answers leave by it.",
                fix="Remove the public address, or put the machine on another subnet.",
            )

    def _require_zone(self, spec: LandingSpec, joined: JoinedParts, behind: Sequence[LoadBalancerSpec]) -> None:
        """AWS sends nothing to machines in zones that a balancer is not in; the subnet of its front is there, too."""
        front = self._config.zone_names()[0]
        zone = str(joined.az_properties.get("availability_zone") or front)
        beside = [one for one in spec.load_balancers if one.network == joined.network]
        if zone != front and (behind or beside):
            name = (*behind, *beside)[0].name
            where = f"behind load balancer '{name}'" if behind else f"into the subnet of load balancer '{name}'"
            raise NotSupportedError(
                part_abilities.REFUSED,
                f"AWS cannot put a machine in {zone} {where}.",
                why=f"The balancer has one address, and so one zone: {front}.",
                fix=f"Write the zone of the AZ whose availability_zone is {front}, or no zone.",
            )

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return (layout.managed_subnet(network, self._config, table=route_layout.table_of(network.parts)),)


def _taken_groups(spec: LandingSpec) -> Iterator[PartFinding]:
    """A template's security group that has the name of the one with which a balancer's probes are let in."""
    own = {balancer_layout.group_name(one.name): one.name for one in spec.load_balancers}
    for group in spec.security_groups:
        if group.name in own:
            why = f"The group of load balancer '{own[group.name]}', by which its probes reach machines, has that name."
            what = f"A security group cannot be called '{group.name}'."
            yield part_abilities.invalid((GROUPS, group.name), what, why=why)
