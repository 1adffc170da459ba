"""DNS names that an environment wants for its public addresses.

Takes what was written, gives refusals that every cloud words alike.
"""

from collections.abc import Mapping

from cpi.contract.errors import CloudError
from cpi.contract.values import LandingSpec


def check_dns_names(dns_names: Mapping[str, str], spec: LandingSpec) -> None:
    """Refuse a name for a public address that the environment lacks. Raises CloudError, code dns-name-of-nothing."""
    for public in dns_names:
        if public not in spec.public_names:
            raise CloudError(
                "dns-name-of-nothing",
                f"dns_names has '{public}', which is not a public address of the environment.",
                why=f"Its public_names are {', '.join(spec.public_names) or 'none'}.",
                fix="Correct dns_names, or add it to public_names, in the environment's file.",
            )
