"""What a plan will cost, by the price lists that clouds bring along.

Takes a Session and what would be asked of each cloud, gives a Bill. Nobody is asked over a network.
"""

from cpi.cloud import Pricing
from cpi.errors import CloudError
from cpi.values import PreflightRequest, Price
from director.app.preflight import Demands
from director.app.session import Session
from director.model.report import Bill


def price_demands(session: Session, demands: Demands) -> Bill:
    """Price everything that will last.

    A cloud without prices is not on the bill, nor one that cannot read what is asked of it: preflight says why.
    """
    prices = {
        name: _price(cloud.pricing, demands[name])
        for name, cloud in sorted(session.world.clouds.items())
        if cloud.pricing and name in demands
    }
    return Bill(prices={name: listed for name, listed in prices.items() if listed})


def _price(pricing: Pricing, request: PreflightRequest) -> tuple[Price, ...]:
    try:
        return pricing.price(request)
    except CloudError:
        return ()
