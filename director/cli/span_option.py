"""Spans of time among options and arguments.

Takes text such as "8h", gives seconds.
"""

import click

from director.model import spans_of_time


class TimeSpan(click.ParamType[float]):
    """Seconds of a span. Raises BadParameter for another text."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        if isinstance(value, float):
            return value
        seconds = spans_of_time.read_span(str(value))
        if seconds is None:
            self.fail(f"'{value}' is not a span of time, such as 90min, 8h or 2d.", param, ctx)
        return seconds


def read(span: object) -> float | None:
    """What the option gave among others of unknown types."""
    return span if isinstance(span, float) else None
