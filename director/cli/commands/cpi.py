"""`compleat cpi`: one of our clouds as a BOSH CPI executable."""

import os
import sys

import click

from cpi.serve import server


@click.command(
    epilog="Example: `compleat cpi local` behind `exec` in a shell script makes that script a CPI for BOSH.",
)
@click.argument("name")
@click.option("--config", metavar="PATH", help="Settings as JSON: compleat's format, or a CPI release's cpi.json.")
def command(name: str, config: str | None) -> None:
    """Serve the cloud NAME as a BOSH CPI: one request on standard input, one response on standard output.

    The output of the plugin and its child processes is the log, on standard error.
    """
    answer = os.dup(1)
    os.dup2(2, 1)
    response = server.answer(server.ServedPlugin(plugin=name, config=config), sys.stdin.buffer.read())
    with os.fdopen(answer, "wb") as out:
        out.write(response)
