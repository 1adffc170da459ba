"""`compleat extend`: put off the end of an environment.

Takes flags, gives when it ends.
"""

import click

from director.app.use_cases import extend
from director.cli import opening, options, span_option
from director.cli.terminal import showing


@click.command("extend", epilog="Example: `compleat extend 4h`")
@click.argument("span", type=span_option.TimeSpan(), required=False)
@click.option("--never", is_flag=True, help="The environment does not end by itself.")
@options.of_environment
def command(shell: options.Shell, /, *, span: float | None, never: bool) -> None:
    """Put off the end of the environment by SPAN (90min, 8h, 2d), or give it one."""
    if (span is None) != never:
        raise click.UsageError("Give either SPAN, such as 4h, or --never.")
    with opening.quiet_session(shell) as session:
        extended = extend.extend(session, span, caller=shell.caller)
    showing.show_extended(shell.terminal, extended)
