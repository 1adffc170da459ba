"""--skip-drain as the bosh CLI has it: a group behind `=` alone."""

import click
import pytest
from click.testing import CliRunner

from director.cli import typed_command
from director.cli.optional_values import SKIP_DRAIN, OptionalValues


@click.command("deploy", cls=OptionalValues)
@click.argument("manifest")
@click.option(SKIP_DRAIN, multiple=True, metavar="[=GROUP]")
@click.pass_context
def command(context: click.Context, manifest: str, skip_drain: tuple[str, ...]) -> None:
    """Say what was read."""
    click.echo(f"{manifest} {','.join(skip_drain)} | {typed_command.command_line(context)}")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--skip-drain", "app.yml"), "app.yml * | deploy app.yml --skip-drain"),
        (("app.yml", "--skip-drain"), "app.yml * | deploy app.yml --skip-drain"),
        (("--skip-drain=web", "app.yml"), "app.yml web | deploy app.yml --skip-drain=web"),
        (
            ("--skip-drain=web", "--skip-drain=db", "app.yml"),
            "app.yml web,db | deploy app.yml --skip-drain=web --skip-drain=db",
        ),
        (("app.yml",), "app.yml  | deploy app.yml"),
        (("--", "--skip-drain"), "--skip-drain  | deploy --skip-drain"),
    ],
)
def test_what_follows_the_option_is_never_its_group(typed: tuple[str, ...], said: str) -> None:
    assert CliRunner().invoke(command, typed).output == f"{said}\n"
