"""The option about what an hour may cost, which `plan`, `deploy` and `up` share.

Takes a command function, gives it with the option added; the command gets a Decimal, or None where it is left out.
"""

from decimal import Decimal, InvalidOperation

import click


class Amount(click.ParamType[Decimal]):
    """A decimal number that is not below zero. Raises BadParameter for others."""

    name = "amount"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Read it."""
        try:
            limit = Decimal(str(value))
        except InvalidOperation:
            limit = Decimal(-1)
        if not limit.is_finite() or limit < 0:
            self.fail(f"'{value}' is not an amount, such as 1.50.", param, ctx)
        return limit


shared = click.option(
    "--max-cost",
    type=Amount(),
    metavar="AMOUNT",
    help="Refuse what costs more an hour, in the currency of the price lists.",
)
"""Add --max-cost."""


def read(amount: object) -> Decimal | None:
    """What the option gave among others of unknown types."""
    return amount if isinstance(amount, Decimal) else None
