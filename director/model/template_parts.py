"""What a planned template adds to the landing zone of its cloud.

Takes nothing, gives a frozen value.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.landing_parts import (
    ImageSpec,
    LoadBalancerSpec,
    NatGatewaySpec,
    NetworkParts,
    RouteTableSpec,
    SecurityGroupSpec,
    StorageAccountSpec,
)
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateParts:
    """Parts of a LandingSpec, by the same names, and where clouds' refusals of images belong."""

    created_networks: Mapping[str, str] = field(default_factory=dict)
    network_parts: Mapping[str, NetworkParts] = field(default_factory=dict)
    security_groups: tuple[SecurityGroupSpec, ...] = ()
    route_tables: tuple[RouteTableSpec, ...] = ()
    nat_gateways: tuple[NatGatewaySpec, ...] = ()
    load_balancers: tuple[LoadBalancerSpec, ...] = ()
    storage_accounts: tuple[StorageAccountSpec, ...] = ()
    images: tuple[ImageSpec, ...] = ()
    source_places: Mapping[str, str] = field(default_factory=dict)
    """`file:line:column` of what images are made of, by its name at the cloud."""

    def is_empty(self) -> bool:
        """Whether it adds nothing."""
        return self == TemplateParts(created_networks=self.created_networks)
