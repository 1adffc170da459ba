"""What commands that change a deployment share: the manifest's files, confirming a plan, wishes for instances.

Takes flags, gives requests; not a command itself.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import click

from cpi.contract.value_classes import dataclass
from director.app.checks import overviews
from director.app.sessions import fingerprints
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases import deploy as deploying
from director.app.use_cases import fix, revisions
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli import opening
from director.cli.optional_values import SKIP_DRAIN
from director.cli.options import Shell
from director.cli.terminal import showing
from director.errors import InputError
from director.model import counting
from director.model.costs import Overview
from director.model.documents import Source
from director.model.environments.desired import Count
from director.model.report import CloudPlace
from director.model.secret_ref import Property
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import PlanOptions
from director.plan.request import InstanceRequest
from director.ports.files import Files
from director.report import as_json, bill_text, overview_text, plan_text
from director.text import nearest
from director.text.variables import variables
from director.text.variables.variables import VariableSources

Flags = dict[str, tuple[str, ...]]

_OPTIONS = (
    click.option("-o", "--ops-file", multiple=True, metavar="PATH", help="Apply an ops file."),
    click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable."),
    click.option("-l", "--vars-file", multiple=True, metavar="PATH", help="Load variables from a YAML file."),
    click.option("--var-file", multiple=True, metavar="NAME=PATH", help="Set a variable to a file's text."),
    click.option("--vars-env", multiple=True, metavar="PREFIX", help="Load variables from the environment."),
)

regenerate_option = click.option(
    "--regenerate",
    multiple=True,
    metavar="NAME",
    help="Regenerate a variable and update the instances that use it.",
)

_SHAPING = (
    click.option("--canaries", metavar="N|N%", help="Number of canaries; overrides the manifest."),
    click.option("--max-in-flight", metavar="N|N%", help="Instances at a time; overrides the manifest."),
    click.option(
        SKIP_DRAIN, multiple=True, metavar="[=GROUP]", help="Skip pre-stop and drain; of all groups without GROUP."
    ),
    click.option(
        "--recreate-persistent-disks",
        "is_renewing_disks",
        is_flag=True,
        help="Replace persistent disks by new ones; data is copied, the old disks become orphans.",
    ),
    regenerate_option,
)


def manifest_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add MANIFEST, what `bosh deploy` takes beside it, and the options that shape a plan.

    A stored plan or a revision may be given instead of MANIFEST.
    """
    return click.argument("manifest", required=False)(_with_options(command))


def document_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what BOSH's commands take beside a document: ops files and variables."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed((*_OPTIONS, *_SHAPING)):
        command = option(command)
    return command


revision_option = click.option(
    "--revision", type=int, metavar="N", help="Take the manifest of this revision; `history` lists them."
)


def plan_options(flags: Flags) -> PlanOptions:
    """What shapes a plan beside the manifest."""
    return PlanOptions(
        skip_drain=frozenset(flags["skip_drain"]),
        canaries=count(_text(flags["canaries"]), "--canaries"),
        max_in_flight=count(_text(flags["max_in_flight"]), "--max-in-flight"),
        regenerate=frozenset(flags["regenerate"]),
        is_renewing_disks=bool(flags["is_renewing_disks"]),
    )


def read_manifest(shell: Shell, manifest: str) -> Source:
    """The file alone; nothing for standard input, which is read once."""
    return Source(name=manifest, content=b"") if manifest == "-" else home_files(shell).read_source(manifest)


def home_files(shell: Shell) -> Files:
    """Files, without a session."""
    return Home(shell.settings).part(open_files)


def manifest_files(session: Session, manifest: str, flags: Flags) -> ManifestFiles:
    """Read what was named."""
    given = given_documents(session.files, flags)
    return ManifestFiles(
        manifest=session.files.read_source(manifest),
        base=str(PurePath(Path.cwd(), manifest).parent),
        ops=given.ops,
        variables=given.variables,
    )


def named_files(
    shell: Shell, session: Session, flags: Flags, *, manifest: str | None, revision: int | None
) -> ManifestFiles:
    """The manifest of the file, or of the revision of the deployment of -d, with what is given beside it."""
    if revision is None:
        return manifest_files(session, str(manifest), flags)
    found = revisions.records_of_session(session, shell.needed_deployment())
    given = given_documents(session.files, flags)
    return replace(revisions.revision_files(found, revision), ops=given.ops, variables=given.variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDocuments:
    """What is given beside a document."""

    ops: tuple[Source, ...]
    variables: VariableSources


def given_documents(files: Files, flags: Flags) -> GivenDocuments:
    """Read the ops files and variables."""
    return GivenDocuments(
        ops=tuple(files.read_source(path) for path in flags["ops_file"]),
        variables=VariableSources(
            kvs=flags["var"],
            var_files=tuple(_named(files, text) for text in flags["var_file"]),
            vars_files=tuple(files.read_source(path) for path in flags["vars_file"]),
            env_prefixes=flags["vars_env"],
            env=dict(os.environ) if flags["vars_env"] else {},
        ),
    )


def plain_values(var: tuple[str, ...]) -> Mapping[str, Property]:
    """What -v says."""
    return dict(variables.read_values(VariableSources(kvs=var)))


def plain_manifest(session: Session, manifest: str, values: Mapping[str, Property]) -> ManifestFiles:
    """A manifest with nothing but values."""
    base = str(PurePath(Path.cwd(), manifest).parent)
    return ManifestFiles(manifest=session.files.read_source(manifest), base=base, values=values)


def confirmed(shell: Shell, session: Session) -> deploying.Confirm:
    """Show the plan with what is there afterwards, and ask, unless -n."""

    def confirm(plan: Plan) -> None:
        if shell.is_asking and not plan.is_empty:
            shell.confirm(_question(session, plan))

    return confirm


def _question(session: Session, plan: Plan) -> Sequence[str]:
    overview = overviews.overview_of_plan(session, plan)
    size, bill = overview_text.overview_lines(overview), bill_text.bill_lines(overview.bill)
    return (*plan_text.plan_lines(plan), *size, *bill)


def agreed(shell: Shell) -> Callable[[Overview], None]:
    """Show what a new environment will have. Where it costs money and a person is there, ask."""

    def agree(overview: Overview) -> None:
        lines = overview_text.overview_lines(overview)
        if shell.is_asking and shell.terminal.is_answered and any(bill_text.hourly_sums(overview.bill).values()):
            shell.confirm((*lines, *bill_text.bill_lines(overview.bill)), "Create it?")
        elif not shell.terminal.is_json:
            with shell.terminal.pausing():
                shell.terminal.note(lines)

    return agree


def confirmed_where_changing(shell: Shell, session: Session) -> deploying.Confirm:
    """The same for a plan that changes or deletes what is there; one that only makes what is missing needs no yes."""

    def confirm(plan: Plan) -> None:
        if shell.is_asking and _changes_something(plan):
            shell.confirm(_question(session, plan))

    return confirm


def _changes_something(plan: Plan) -> bool:
    """The loss of a VM that the plan itself creates (to compile, for an errand) needs no confirmation."""
    made: set[str] = set()
    for action in plan.actions:
        if action.work.kind == "create_vm":
            made.add(action.subject)
        if action.work.facts.needs_consent and action.subject not in made:
            return True
    return False


def count(text: str | None, flag: str) -> Count | None:
    """A number or a percentage."""
    if text is None:
        return None
    digits = text.removesuffix("%")
    if not digits.isdigit():
        raise click.BadParameter(f"'{text}' is neither a number nor a percentage", param_hint=flag)
    return Count(number=int(digits), is_percent=text.endswith("%"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutOptions:
    """What shapes start, stop, restart and recreate. `is_fix` recreates VMs that do not answer."""

    is_skipping_drain: bool = False
    canaries: str | None = None
    max_in_flight: str | None = None
    is_fix: bool = False

    def plan_options(self) -> PlanOptions:
        """The same for a plan. Raises BadParameter."""
        return PlanOptions(
            skip_drain=frozenset({"*"} if self.is_skipping_drain else ()),
            canaries=count(self.canaries, "--canaries"),
            max_in_flight=count(self.max_in_flight, "--max-in-flight"),
        )


def read_rollout(flags: Mapping[str, bool | str | None]) -> RolloutOptions:
    """What start, stop, restart and recreate were given."""
    return RolloutOptions(
        is_skipping_drain=bool(flags.get("is_skipping_drain")),
        canaries=_text(flags.get("canaries")),
        max_in_flight=_text(flags.get("max_in_flight")),
        is_fix=bool(flags.get("is_fix")),
    )


def request_change(shell: Shell, instance: str | None, wanted: InstanceRequest, *, rollout: RolloutOptions) -> None:
    """Carry out start, stop, restart or recreate, for one instance, one group or all."""
    name = shell.needed_deployment()
    plan = rollout.plan_options()
    with opening.task(shell) as session:
        places = fingerprints.report_clouds(session)
        instance_requests = dict.fromkeys(_addressed(session, name, instance), wanted)
        request = deploying.DeployRequest(
            files=deploying.saved_manifest(session, name),
            caller=shell.caller,
            instance_requests=instance_requests,
            options=plan,
            is_fix=rollout.is_fix,
        )
        deployed = fix.deploy(session, request, confirmed(shell, session))
    show_deployed(shell, deployed, places)


def show_deployed(shell: Shell, deployed: deploying.Deployed, places: Sequence[CloudPlace]) -> None:
    """How it ended, or that nothing was to change."""
    if deployed.report is not None:
        showing.show_run(shell.terminal, deployed.report, places)
    elif shell.terminal.is_json:
        shell.terminal.say_json(as_json.unchanged_json(deployed.name, places))
    else:
        unchanged = f"Deployment '{deployed.name}': nothing to change."
        shell.terminal.say([unchanged, *plan_text.stopped_lines(deployed.name, deployed.stopped)])


def _addressed(session: Session, name: str, instance: str | None) -> list[str]:
    records = session.deployment(name).instances
    groups = sorted({record.group for record in records})
    known = {*groups, *(record.name for record in records), *(f"{record.group}/{record.id}" for record in records)}
    if instance is None:
        return [str(group) for group in groups]
    if instance not in known:
        near = nearest.nearest_word(instance, known)
        raise InputError(
            "instance-unknown",
            f"Deployment '{name}' has no instance or group '{instance}'.",
            why=f"It has: {', '.join(counting.in_natural_order(record.name for record in records)) or 'none'}.",
            fix=f"Did you mean '{near}'?" if near else "Name a group, or an instance as group/index.",
        )
    return [instance]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _named(files: Files, text: str) -> tuple[str, bytes]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise click.BadParameter(f"'{text}' is not NAME=PATH", param_hint="--var-file")
    return name, files.read_source(path).content
