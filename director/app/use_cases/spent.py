"""The use case `cost`: what the environment has cost so far, by deployment.

Takes a Session, gives a table. Only prices are queried from the clouds.
"""

from director.app.checks import overviews, pricing
from director.app.sessions.session import Session
from director.model.costs import ResourceGroup
from director.model.report import Table
from director.observe import resource_lifetimes
from director.report import spending


def list_spending(session: Session) -> Table:
    """A row for each deployment and one for the landing zone. Raises InputError, code `environment-missing`."""
    name = session.settings.environment
    lifetimes = resource_lifetimes.read_lifetimes(session.world, name)
    if not lifetimes:
        session.environment()
    overviews.refresh(session, [ResourceGroup(name="", requests={one.cloud: one.request}) for one in lifetimes])
    priced = [(one, pricing.list_prices(session, one.cloud, one.request)) for one in lifetimes]
    return spending.spending_table(name, priced, now=session.world.clock.now())
