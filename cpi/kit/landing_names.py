"""DNS names that an environment wants for its public addresses.

Takes what was written, gives refusals that every cloud words alike.
"""

from collections.abc import Sequence

from cpi.contract.errors import CloudError


def of_nothing(public: str, known: Sequence[str]) -> CloudError:
    """A name for a public address that the environment does not have."""
    return CloudError(
        "dns-name-of-nothing",
        f"dns_names has '{public}', which is not a public address of the environment.",
        why=f"Its public_names are {', '.join(known) or 'none'}.",
        fix="Correct dns_names, or add it to public_names, in the environment's file.",
    )
