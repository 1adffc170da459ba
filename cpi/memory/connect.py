"""A memory cloud with all its abilities.

Takes a cloud, gives it connected.
"""

from cpi.cloud import ConnectedCloud
from cpi.memory.cloud import MemoryCloud
from cpi.memory.identity import MemoryIdentity
from cpi.memory.landing import MemoryLanding
from cpi.memory.preflight import MemoryPreflight
from cpi.memory.prices import MemoryPricing
from cpi.memory.storage import MemoryStorage


def connect_cloud(cloud: MemoryCloud) -> ConnectedCloud:
    """Give the cloud and what it can do beside CPI v2."""
    return ConnectedCloud(
        name="memory",
        cloud=cloud,
        finder=cloud,
        landing=MemoryLanding(cloud),
        preflight=MemoryPreflight(cloud),
        power=cloud,
        console=cloud,
        pricing=MemoryPricing(cloud),
        storage=MemoryStorage(cloud),
        identity=MemoryIdentity(cloud.rules),
    )
