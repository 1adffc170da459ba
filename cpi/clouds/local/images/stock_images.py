"""Stock images on the local cloud: there is one, this machine.

Takes the name of any operating system, gives this machine's.
"""

from cpi.clouds.local.images import host_stemcell
from cpi.contract.values import StockImage


class LocalStockImages:
    """Implements StockImages of cpi.contract.cloud."""

    def stock_image(self, os: str) -> StockImage:
        own = host_stemcell.read_host()
        windows = "; Windows jobs do not run on it" if os.startswith("windows") else ""
        return StockImage(
            os=own.os,
            version=own.version,
            architecture=own.architecture,
            description=f"this machine's operating system, {own.os} {own.version}{windows}",
        )
