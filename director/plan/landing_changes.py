"""What changes of a thing of the landing zone that is there.

Takes it as it is to be and as it was found, gives the reason of the change.
"""

from collections.abc import Iterator

from cpi.contract.landing_parts import FRONT
from cpi.contract.values import FoundLandingResource, LandingResource
from director.errors import InputError


def reason_of(wanted: LandingResource, found: FoundLandingResource) -> str:
    """Old and new entries, those that stay left out; "" where nothing changes."""
    if wanted.entries is None or set(wanted.entries) == set(found.entries):
        return ""
    gone = [f"'{one}'" for one in found.entries if one not in wanted.entries]
    new = [f"'{one}'" for one in wanted.entries if one not in found.entries]
    return f"{', '.join(gone) or 'nothing'} -> {', '.join(new) or 'nothing'}"


def find_fixed(wanted: LandingResource, found: FoundLandingResource) -> Iterator[InputError]:
    """What cannot change: another front end of a load balancer, where the one that is there is known."""
    old = [line for line in found.entries if line.startswith(FRONT)]
    new = [line for line in wanted.entries or () if line.startswith(FRONT)]
    if old and new and old != new:
        yield InputError(
            "landing-part-refused",
            f"The front end of load balancer '{wanted.name}' cannot be changed.",
            why=f"It has '{old[0]}', and is to have '{new[0]}'.",
            fix="Give it another name in the template; the old one stays until `compleat down`.",
        )
