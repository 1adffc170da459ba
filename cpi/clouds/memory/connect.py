"""A memory cloud with all its abilities.

Takes a cloud, gives it connected.
"""

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.identity import MemoryIdentity
from cpi.clouds.memory.landing import MemoryLanding
from cpi.clouds.memory.preflight import MemoryPreflight
from cpi.clouds.memory.prices import MemoryPricing
from cpi.clouds.memory.stock_images import MemoryStockImages
from cpi.clouds.memory.storage import MemoryStorage
from cpi.contract.cloud import ConnectedCloud


def connect_cloud(cloud: MemoryCloud) -> ConnectedCloud:
    """Give the cloud and what it can do beside CPI v2."""
    return ConnectedCloud(
        name="memory",
        cloud=cloud,
        finder=cloud,
        stock=MemoryStockImages(cloud.rules),
        landing=MemoryLanding(cloud),
        preflight=MemoryPreflight(cloud),
        power=cloud,
        console=cloud,
        pricing=MemoryPricing(cloud),
        storage=MemoryStorage(cloud),
        identity=MemoryIdentity(cloud.rules),
    )
