"""What a planned template adds to the landing zone of its cloud.

Takes nothing, gives a frozen value.
"""

from cpi.contract.landing_parts import LoadBalancerSpec, SecurityGroupSpec
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateParts:
    """Parts of a LandingSpec, by the same names."""

    security_groups: tuple[SecurityGroupSpec, ...] = ()
    load_balancers: tuple[LoadBalancerSpec, ...] = ()

    def is_empty(self) -> bool:
        """Whether it adds nothing."""
        return self == TemplateParts()
