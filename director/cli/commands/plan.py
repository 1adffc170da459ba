"""`compleat plan`: what deploy would do; writes nothing.

Takes flags, gives the plan.
"""

import click

from director.app.use_cases import deploy as deploying
from director.cli import change, opening, options
from director.cli.terminal import showing


@click.command("plan", epilog="Example: `compleat plan manifests/examples/hello/hello.yml`")
@change.manifest_options
@change.regenerate_option
@options.shared
def command(shell: options.Shell, /, manifest: str, **flags: tuple[str, ...]) -> None:
    """Show what `deploy MANIFEST` would do, and why. Nothing is created or written."""
    with opening.remarking_session(shell) as session:
        files = change.manifest_files(session, manifest, flags)
        planned = deploying.plan_deployment(
            session,
            deploying.DeployRequest(
                files=files,
                caller=shell.caller,
                deployment=shell.deployment,
                regenerate=frozenset(flags["regenerate"]),
            ),
        )
    showing.show_plan(shell.terminal, planned)
