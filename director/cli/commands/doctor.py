"""`compleat doctor`: what is wrong with this machine or the environment's clouds, and how to fix it.

Takes flags, gives findings; the exit code is 3 when a finding forbids an `up`.
"""

import click

from director.app.checks import preflight
from director.app.sessions.session import Session
from director.app.use_cases import doctor, up
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.cli import change, opening, options, quota_options
from director.cli.terminal import doctor_showing, showing
from director.errors import InputError


@click.command("doctor", epilog="Example: `compleat doctor`")
@click.argument("manifest", required=False)
@click.option("--bundle", default=None, help="Check everything that `up` would create for this bundle.")
@click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@quota_options.shared
@options.of_environment
def command(
    shell: options.Shell, /, *, manifest: str | None, bundle: str | None, var: tuple[str, ...], **quota: object
) -> None:
    """Check everything that can be known before the first create: the account, and MANIFEST or a bundle if given."""
    quota_request = quota_options.read(request_quota=quota["request_quota"], wait_for_quota=quota["wait_for_quota"])
    with opening.session(shell) if quota_request.wait_s else opening.quiet_session(shell) as session:
        values = change.plain_values(var)
        request = up.UpRequest(bundle=bundle or "", caller=shell.caller, values=values)
        requested = _requested(session, manifest, request)
        examined = doctor.examine(session, requested, quota_options=quota_request, caller=shell.caller)
    remarks = doctor.remarks_table(examined.findings)
    doctor_showing.show_diagnosis(shell.terminal, examined, remarks=remarks)
    try:
        preflight.refuse(examined.findings)
    except InputError as error:
        showing.fail_after_report(shell.terminal, error, code=3)


def _requested(session: Session, manifest: str | None, request: up.UpRequest) -> tuple[RequestedDeployment, ...]:
    if manifest and request.bundle:
        raise click.UsageError("Give MANIFEST or --bundle, not both")
    if request.bundle:
        return up.requested_bundle(session, request)
    if not manifest:
        return ()
    return up.requested_manifest(session, request, change.plain_manifest(session, manifest, request.values))
