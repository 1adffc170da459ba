"""What a plan will cost: by the clouds' own lists where they tell them in a moment, else by those that plugins bring.

Takes a Session and what would be asked of each cloud, gives a Bill.
"""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from cpi.contract.errors import CloudError
from cpi.contract.values import PreflightRequest, Price
from director.app.checks.preflight import PlannedRequests
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.report import Bill
from director.observe import queries
from director.report import bill_text

_PATIENCE_S = 3.0
"""What today's prices are worth waiting for: those in a plugin's list differ by some percent, and say their date."""


def refresh_prices(session: Session, requests: PlannedRequests) -> None:
    """Ask the clouds what things cost today, for a moment. Raises Interrupted."""
    asked = {
        name: partial(cloud.pricing.refresh, requests[name])
        for name, cloud in sorted(session.world.clouds.items())
        if cloud.pricing and requests.get(name, PreflightRequest()) != PreflightRequest()
    }
    queries.ask_within(session.world.runner, asked, limit_s=_PATIENCE_S)


def list_prices(session: Session, cloud: str, request: PreflightRequest) -> tuple[Price, ...]:
    """By the cloud's list as it is: nothing where it has none, or cannot read the request."""
    pricing = session.world.clouds[cloud].pricing if cloud in session.world.clouds else None
    try:
        return pricing.price(request) if pricing else ()
    except CloudError:
        return ()


def added(one: Price, other: Price) -> Price:
    """Both together; a part without a known price makes the whole unknown."""
    is_known = one.amount and other.amount
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        amount=f"{(Decimal(one.amount) + Decimal(other.amount)).normalize():f}" if is_known else "",
        cores=None if one.cores is None or other.cores is None else one.cores + other.cores,
    )


def require_affordable(bill: Bill, limit: Decimal | None) -> None:
    """Refuse what costs more in an hour than `limit`, in the currency of the price lists; None is no limit.

    Raises InputError: cost-above-limit; cost-unknown, where the sum is not known. A cloud without prices costs nothing.
    """
    if limit is None:
        return
    sums, unknown = bill_text.hourly_sums(bill), bill_text.unpriced(bill)
    if unknown or len(sums) > 1:
        raise InputError(
            "cost-unknown",
            f"Whether it costs more than --max-cost {limit} an hour is not known.",
            why=f"These have no known price: {', '.join(unknown)}."
            if unknown
            else f"The prices have several currencies: {', '.join(sorted(sums))}.",
            fix="Leave --max-cost out; `compleat plan` shows the known prices.",
        )
    for currency, hourly in sums.items():
        if hourly > limit:
            raise InputError(
                "cost-above-limit",
                f"It costs {bill_text.amount_text(hourly)} {currency} an hour, more than --max-cost {limit}.",
                why=f"The most expensive: {bill_text.dearest(bill)}.",
                fix="Use smaller VM types or fewer instances, or raise --max-cost.",
            )
