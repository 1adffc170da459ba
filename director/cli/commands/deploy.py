"""`compleat deploy`: a deployment made as its manifest says, or as a stored plan says.

Takes flags, gives how it ended.
"""

from collections.abc import Mapping
from dataclasses import replace

import click

from director.app.sessions import fingerprints
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases import deploy as deploying
from director.app.use_cases import fix, plan_files, stored_plans
from director.app.use_cases.plan_files import PlanFile
from director.cli import change, cost_option, opening, options, quota_options
from director.cli.optional_values import OptionalValues


@click.command("deploy", cls=OptionalValues, epilog="Example: `compleat deploy manifests/examples/hello/hello.yml`")
@change.manifest_options
@click.option("--fix", "is_fix", is_flag=True, help="Recreate VMs whose agent does not answer, the jumpbox first.")
@click.option("--recreate", "is_recreating", is_flag=True, help="Recreate the VMs of all instances; disks stay.")
@click.option(
    "--plan", type=int, metavar="ID", help="Apply a plan that `plan --save` stored, if nothing changed since."
)
@change.revision_option
@cost_option.shared
@quota_options.shared
@options.watched
@options.shared
def command(
    shell: options.Shell,
    /,
    manifest: str | None,
    *,
    plan: int | None,
    revision: int | None,
    **flags: tuple[str, ...],
) -> None:
    """Create or update the deployment as MANIFEST describes, or apply the plan that `plan --save` wrote to that file.
    The same command continues after an interruption.

    With --revision the manifest is one that was deployed before: secrets keep their present values.
    """
    file = _plan_file(shell, manifest)
    if file is not None and plan is None:
        manifest, plan = None, file.number
    is_fix, is_recreating = (bool(flags.pop(name)) for name in ("is_fix", "is_recreating"))
    if plan is not None:
        switches = {"--fix": is_fix, "--recreate": is_recreating}
        _require_alone({"MANIFEST": manifest is not None, **switches, "--revision": revision is not None}, flags)
    elif (manifest is None) == (revision is None):
        raise click.UsageError("Name a MANIFEST, a --plan ID or a --revision.")
    with opening.task(shell) as session:
        places = fingerprints.report_clouds(session)
        if plan is not None:
            deployed = _apply(shell, session, plan, file=file, flags=flags)
        else:
            files = change.named_files(shell, session, flags, manifest=manifest, revision=revision)
            request = replace(_request(shell, files, flags), is_fix=is_fix, is_recreating=is_recreating)
            deployed = fix.deploy(session, request, change.confirmed(shell, session))
    change.show_deployed(shell, deployed, places)


def _request(shell: options.Shell, files: ManifestFiles, flags: change.Flags) -> deploying.DeployRequest:
    return deploying.DeployRequest(
        files=files,
        caller=shell.caller,
        deployment=shell.deployment,
        options=change.plan_options(flags),
        quota_options=quota_options.read(request_quota=flags["request_quota"], wait_for_quota=flags["wait_for_quota"]),
        max_cost=cost_option.read(flags["max_cost"]),
    )


def _plan_file(shell: options.Shell, manifest: str | None) -> PlanFile | None:
    """The plan that is in the file, None for a manifest; a file that is missing is reported as a manifest is."""
    if manifest is None or manifest == "-" or change.home_files(shell).size_of(manifest) is None:
        return None
    return plan_files.read_plan_file(change.read_manifest(shell, manifest))


def _apply(
    shell: options.Shell, session: Session, plan: int, *, file: PlanFile | None, flags: change.Flags
) -> deploying.Deployed:
    request = stored_plans.StoredPlanRequest(
        number=plan,
        file=file,
        caller=shell.caller,
        deployment=shell.deployment,
        quota_options=quota_options.read(request_quota=flags["request_quota"], wait_for_quota=flags["wait_for_quota"]),
        max_cost=cost_option.read(flags["max_cost"]),
    )
    return stored_plans.apply_plan(session, request, change.confirmed(shell, session))


_OF_THE_CLOUD = frozenset({"request_quota", "wait_for_quota", "max_cost"})
"""Options that a stored plan takes, too: they change nothing of the plan."""


def _require_alone(first: Mapping[str, bool], flags: change.Flags) -> None:
    """Refuse options beside a stored plan that would make it another plan."""
    given = [f"--{name.replace('_', '-')}" for name, value in flags.items() if value and name not in _OF_THE_CLOUD]
    given = [*(name for name, is_given in first.items() if is_given), *given]
    if given:
        raise click.UsageError(f"--plan applies a stored plan as it is: leave out {', '.join(given)}.")
