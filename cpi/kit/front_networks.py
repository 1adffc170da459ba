"""Networks of deployments that load balancers of a template are in: the landing zone creates them before these. Pure.

Takes a spec, gives networks as their deployments would create them.
"""

from collections.abc import Iterator

from cpi.contract.landing_parts import NetworkParts
from cpi.contract.values import LandingSpec, ManagedNetwork


def front_networks(spec: LandingSpec) -> Iterator[ManagedNetwork]:
    """Each once, in the order of the balancers."""
    for name in dict.fromkeys(one.network for one in spec.load_balancers if one.network in spec.created_networks):
        parts = spec.network_parts.get(name, NetworkParts())
        yield ManagedNetwork(name=name, cidr=spec.created_networks[name], parts=parts)
