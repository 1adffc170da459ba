"""`compleat deploy`: a deployment made as its manifest says.

Takes flags, gives how it ended.
"""

import click

from director.app.sessions import fingerprints
from director.app.use_cases import deploy as deploying
from director.app.use_cases import fix
from director.cli import change, opening, options, quota_options


@click.command("deploy", epilog="Example: `compleat deploy manifests/examples/hello/hello.yml`")
@change.manifest_options
@click.option("--canaries", metavar="N|N%", help="Instead of the manifest's.")
@click.option("--max-in-flight", metavar="N|N%", help="Instead of the manifest's.")
@click.option("--skip-drain", multiple=True, metavar="GROUP", help="Skip pre-stop and drain; * for all groups.")
@click.option("--fix", is_flag=True, help="Recreate VMs whose agent does not answer, the jumpbox first.")
@change.regenerate_option
@quota_options.shared
@options.shared
def command(shell: options.Shell, /, manifest: str, **flags: tuple[str, ...]) -> None:
    """Create or update the deployment as MANIFEST says. The same command continues after an interruption."""
    with opening.task(shell) as session:
        places = fingerprints.report_clouds(session)
        request = deploying.DeployRequest(
            files=change.manifest_files(session, manifest, flags),
            caller=shell.caller,
            deployment=shell.deployment,
            skip_drain=frozenset(flags["skip_drain"]),
            canaries=change.count(_text(flags["canaries"]), "--canaries"),
            max_in_flight=change.count(_text(flags["max_in_flight"]), "--max-in-flight"),
            is_fix=bool(flags["fix"]),
            regenerate=frozenset(flags["regenerate"]),
            quota_options=quota_options.read(
                request_quota=flags["request_quota"], wait_for_quota=flags["wait_for_quota"]
            ),
        )
        deployed = fix.deploy(session, request, change.confirmed(shell))
    change.show_deployed(shell, deployed, places)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
