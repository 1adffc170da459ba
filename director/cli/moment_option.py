"""Moments among options: "2026-11-30 07:00", ISO 8601, or seconds since 1970.

Takes text, gives seconds since 1970.
"""

from collections.abc import Callable
from datetime import datetime

import click


class Moment(click.ParamType[float]):
    """Seconds since 1970; text without a zone is local time. Raises BadParameter for another text."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        if isinstance(value, float):
            return value
        text = str(value)
        try:
            return float(text) if text.isdecimal() else datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(f"'{text}' is not a time, such as '2026-11-30 07:00' or 2026-11-30T07:00:00Z.", param, ctx)


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Add --before and --after."""
    for name, about in (("--after", "after"), ("--before", "before")):
        text = f"Only what happened {about} this time."
        command = click.option(name, type=Moment(), metavar="TIME", help=text)(command)
    return command
