"""What a plan will cost, by the price lists that clouds bring along.

Takes a Session and what would be asked of each cloud, gives a Bill. Nobody is asked over a network.
"""

from director.app.preflight import Demands
from director.app.session import Session
from director.model.report import Bill


def price_demands(session: Session, demands: Demands) -> Bill:
    """Price everything that will last; a cloud without prices is not on the bill."""
    prices = {
        name: cloud.pricing.price(demands[name])
        for name, cloud in sorted(session.world.clouds.items())
        if cloud.pricing and name in demands
    }
    return Bill(prices={name: listed for name, listed in prices.items() if listed})
