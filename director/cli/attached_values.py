"""Values behind a short option and `=`, as users of the bosh CLI type them: `tasks -r=1`, `instances -d=web`.

Takes text, gives the value.
"""

import click


class AttachedCount(click.IntRange):
    """A number from 1 on."""

    def __init__(self) -> None:
        super().__init__(min=1)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        number: int = click.IntRange(min=1)(_without_equals(value), param, ctx)
        return number


class AttachedText(click.types.StringParamType):
    """Text that never begins with `=`: names."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it."""
        text: str = click.STRING(_without_equals(value), param, ctx)
        return text


def _without_equals(value: object) -> object:
    return value.removeprefix("=") if isinstance(value, str) else value
