"""A landing zone made for a test.

Takes a connected cloud, gives its landing and what was made.
"""

from cpi.contract.cloud import ConnectedCloud, Landing
from cpi.contract.values import FoundLandingResource, LandingSpec, OwnerKey


def landing_of(cloud: ConnectedCloud) -> Landing:
    """Each of our clouds has one."""
    assert cloud.landing is not None
    return cloud.landing


def land(cloud: ConnectedCloud, spec: LandingSpec, owner: OwnerKey) -> tuple[FoundLandingResource, ...]:
    """All of it, in its order."""
    landing = landing_of(cloud)
    return tuple(landing.create_landing_resource(one, owner) for one in landing.landing_resources(spec))
