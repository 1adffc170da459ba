"""Why an expression has no value.

Takes words, gives an exception that the room turns into an error with a place.
"""


class ExpressionError(Exception):
    """`what` is the message, in the words of Azure Resource Manager where those are known.

    `column` counts from 1 in the expression; None until the evaluation knows it. `hint` is what to do, if that can be
    known here.
    """

    def __init__(self, what: str, *, hint: str = "", column: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.column = column


class ExpressionSyntaxError(ExpressionError):
    """The text is not an expression."""


class BudgetError(ExpressionError):
    """The template asks for more work, or larger values, than it may."""
