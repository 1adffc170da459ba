"""What clouds say of the parts that templates add to a landing zone.

Takes nothing, gives frozen values.
"""

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFinding:
    """What a cloud says of one part of a LandingSpec: `path` leads to it by names, such as
    ("security_groups", "web", "rules", "deny-ssh").
    """

    path: tuple[str, ...]
    finding: Finding
