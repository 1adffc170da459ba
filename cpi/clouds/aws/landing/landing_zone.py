"""LANDING: the parts of AWS's landing zone, in the order in which they can be made.

Takes specs and resources, gives what exists; how, is in cpi.kit.landing.
"""

from collections.abc import Callable, Mapping

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.landing.security_groups import ElasticAddresses, KeyPairs, SecurityGroups
from cpi.clouds.aws.landing.vpcs import Vpcs
from cpi.clouds.aws.landing.zone_networks import GatewayEndpoints, InternetGateways, NatGateways, RouteTables, Subnets
from cpi.clouds.aws.machines import lookups
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.landing_parts import JoinedParts
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, ManagedNetwork
from cpi.kit import judge
from cpi.kit.judge import PartAbilities
from cpi.kit.judge.landing_parts import BALANCERS, NATS, SETS, TABLES
from cpi.kit.landing import PartsLanding


class AwsLanding(PartsLanding):
    abilities = PartAbilities(
        cloud="AWS",
        missing=dict.fromkeys((TABLES, NATS, BALANCERS), "compleat does not create one there yet."),
        unused={SETS: "AWS places instances on different hosts as it can; compleat makes no placement group."},
        reserved=frozenset({lookups.DEFAULT_GROUP, lookups.PUBLIC_GROUP}),
    )
    placing = ("network", "subnet")

    def __init__(
        self, api: Api, config: AwsConfig, *, bucket: Bucket, records: Records, forget: Callable[[], None]
    ) -> None:
        self._config = config
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
        )
        super().__init__(parts, forget=forget)

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return layout.landing_resources(spec, self._config)

    def joined_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        """Beside the landing zone's own group, in which machines reach each other."""
        group = judge.required_group(spec, joined, self.abilities)
        return {"security_groups": [lookups.DEFAULT_GROUP, group]} if group else {}

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return (layout.managed_subnet(network, self._config),)
