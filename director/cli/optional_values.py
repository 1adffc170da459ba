"""Options whose value may be left out, as in the bosh CLI: `--skip-drain`, `--skip-drain=web`.

Takes arguments as typed, gives them with the value that is meant: what follows such an option is never its value.
"""

from collections.abc import Iterator, Sequence

import click

SKIP_DRAIN = "--skip-drain"
ALL = "*"
"""What it means without a value: all groups."""


class OptionalValues(click.Command):
    """A command with such options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises UsageError, which says where the value belongs if it was typed behind a blank."""
        try:
            return super().parse_args(ctx, list(_completed(args)))
        except click.UsageError as error:
            if SKIP_DRAIN not in args[:-1]:
                raise
            reason = error.message.removesuffix(".")
            raise click.UsageError(
                f"{reason}. The GROUP of {SKIP_DRAIN} is written with `=`: {SKIP_DRAIN}=GROUP.", ctx
            ) from error


def _completed(args: Sequence[str]) -> Iterator[str]:
    """Behind `--` everything is an argument."""
    end = args.index("--") if "--" in args else len(args)
    for number, word in enumerate(args):
        yield f"{word}={ALL}" if number < end and word == SKIP_DRAIN else word
