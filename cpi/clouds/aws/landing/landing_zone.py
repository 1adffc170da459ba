"""LANDING: the parts of AWS's landing zone, in the order in which they can be made.

Takes specs and resources, gives what exists; how, is in cpi.kit.landing.
"""

from collections.abc import Callable

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.landing.security_groups import ElasticAddresses, KeyPairs, SecurityGroups
from cpi.clouds.aws.landing.vpcs import Vpcs
from cpi.clouds.aws.landing.zone_networks import GatewayEndpoints, InternetGateways, NatGateways, RouteTables, Subnets
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.values import LandingResource, LandingSpec, ManagedNetwork
from cpi.kit.judge import PartAbilities
from cpi.kit.judge.landing_parts import BALANCERS, GROUPS, NATS, SETS, TABLES
from cpi.kit.landing import PartsLanding


class AwsLanding(PartsLanding):
    abilities = PartAbilities(
        cloud="AWS",
        missing=dict.fromkeys((GROUPS, TABLES, NATS, BALANCERS, SETS), "compleat does not create one there yet."),
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

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return (layout.managed_subnet(network, self._config),)
