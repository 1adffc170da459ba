"""LANDING: the parts of Azure's landing zone, in the order in which they can be made.

Takes specs and resources, gives what exists; how, is in cpi.kit.landing.
"""

from collections.abc import Mapping

from cpi.clouds.azure.landing import closed_rules, landing_bodies, template_parts
from cpi.clouds.azure.landing.arm_parts import (
    ArmBalancers,
    ArmKind,
    ArmPart,
    ArmZone,
    ResourceGroups,
    StorageAccounts,
    VnetSubnets,
)
from cpi.clouds.azure.landing.blob_accounts import BlobAccounts, BlobContainers
from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.landing_parts import JoinedParts
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, LandingResource, LandingSpec, ManagedNetwork, OwnerKey
from cpi.kit.judge import part_abilities
from cpi.kit.landing import PartsLanding

_GUARD = ArmKind(kind=landing_bodies.SECURITY, type=names.GROUP, may_be_held=True)
_ROUTES = ArmKind(kind=landing_bodies.ROUTES, type=names.ROUTES)
_NETWORK = ArmKind(kind=landing_bodies.NETWORK, type=names.NETWORK, own=networks.LANDING)
_ADDRESS = ArmKind(kind=landing_bodies.ADDRESS, type=names.ADDRESS, may_be_held=True)
_NAT = ArmKind(kind=landing_bodies.NAT, type=names.NAT)


class AzureLanding(PartsLanding):
    abilities = template_parts.ABILITIES
    placing = ("network", "virtual_network_name", "subnet_name", "resource_group_name")

    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths, *, environment: str) -> None:
        zone = ArmZone(api=api, settings=settings, places=places, environment=environment)
        self.environment = environment
        self.accounts = StorageAccounts(zone)
        self.zone = zone
        plain = [ArmPart(zone, about) for about in (_GUARD, _ROUTES, _NETWORK, _ADDRESS, _NAT)]
        self.blob_accounts = BlobAccounts(zone, self.accounts)
        stored = (self.accounts, self.blob_accounts, BlobContainers(zone, self.blob_accounts))
        super().__init__((ResourceGroups(zone), *plain, VnetSubnets(zone), ArmBalancers(zone), *stored))

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return landing_bodies.landing_resources(spec, self.zone.settings)

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        """What comes from outside passes the environment's own security group, too, which its subnets have."""
        settings = self.zone.settings
        public = settings.public_ports if settings.public_sources else ()
        why = f"The environment's own security group lets in TCP to {', '.join(map(str, public)) or 'no port'} alone."
        closed = (
            part_abilities.refused(
                (part_abilities.BALANCERS, balancer.name, kind, rule.name),
                f"a load balancer's rule to port {rule.machine_port} of VMs",
                self.abilities,
                why=f"{why} Its public_ports are in the environment's file.",
            )
            for balancer in spec.load_balancers
            for kind, rules in (("rules", balancer.rules), ("nat_rules", balancer.nat_rules))
            for rule in rules
            if balancer.public_name and rule.machine_port not in public
        )
        found = super().part_findings(spec)
        is_valid = not any(one.finding.is_fatal for one in found)
        return (*found, *closed, *(closed_rules.find_closed(spec, public) if is_valid else ()))

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        return template_parts.joined(spec, joined)

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        has_nat_gateway = self.zone.settings.has_nat_gateway
        return (template_parts.managed_subnet(network, has_nat_gateway=has_nat_gateway),)

    def create_group(self) -> None:
        """The group alone, for what has to be given a role there before the rest can be made."""
        owner = OwnerKey(environment=self.environment, deployment=ENVIRONMENT_ITSELF, action="landing/resource-group")
        self.create_landing_resource(landing_bodies.group_resource(), owner)

    def is_label_free(self, label: str) -> bool:
        """Whether Azure says that a DNS label is free in the location."""
        path = self.zone.places.regional("Microsoft.Network/CheckDnsNameAvailability")
        answer = self.zone.api.get(path, domain_name_label=label)
        return bool((answer or {}).get("available"))
