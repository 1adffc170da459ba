"""The use case `deploy --plan`: a stored plan applied exactly as it is, or refused if anything moved since.

Takes a Session and a plan's number, gives how the run ended.
"""

from collections.abc import Iterator
from decimal import Decimal

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.app.checks import preflight
from director.app.checks.preflight import QuotaOptions
from director.app.sessions import fingerprints, reading
from director.app.sessions.planned import Subject
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.tasks import reservations, running
from director.app.tasks.tasks import INTERRUPTED
from director.app.use_cases import deploy as deploying
from director.app.use_cases import plan_files
from director.app.use_cases.deploy import Confirm, Deployed, DeployRequest, Prepared
from director.app.use_cases.plan_files import PlanFile
from director.errors import InputError, WrongUseError, raise_all
from director.model.documents import Source
from director.model.environments.environment import Environment
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Run
from director.model.tasks.stored_plan import KEPT_DAYS, KEPT_PLANS, StoredPlan
from director.model.tasks.task import TaskState
from director.plan.deciding import basis
from director.plan.deciding.basis import GIVEN, BasisPart, Move, Moved

_NAMED_AT_MOST = 10
"""Of each kind of things that moved; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlanRequest:
    """A stored plan by its number. `deployment` is the one that it must be of, None for any.

    `max_cost` is what an hour of it may cost at most, None for any.
    """

    number: int
    caller: Caller
    deployment: str | None = None
    quota_options: QuotaOptions = preflight.NO_QUOTA_OPTIONS
    max_cost: Decimal | None = None
    file: PlanFile | None = None
    """The file that names the plan and must show it as it is stored."""


def apply_plan(session: Session, request: StoredPlanRequest, confirm: Confirm) -> Deployed:
    """Apply the plan if nothing moved; continue it if it was interrupted.

    Raises InputError: plan-missing, plan-elsewhere, plan-file-damaged, plan-used, plan-version; Problems of code
    `plan-outdated`, one for each thing that moved.
    """
    environment = fingerprints.known_environment(session)
    stored = _required_plan(session, request)
    asked = _deploy_request(stored, request)
    desired = reading.without_places(deploying.read(session, environment, asked))
    with running.hold_deployment(session, environment, desired.deployment, caller=request.caller) as held:
        is_begun = _is_begun(session, stored)
        run = None if is_begun else stored.plan.run

        def attempt() -> Deployed:
            subject = Subject(desired=desired, state=held.state)
            prepared = deploying.plan(session, environment, asked, subject=subject, run=run)
            _require_unmoved(session, environment, stored, prepared=prepared, is_begun=is_begun)
            deploying.examine(session, prepared, asked)
            deploying.require_affordable(session, prepared, asked)
            confirm(prepared.plan)
            reading.store_given_cas(session, environment, asked.files, desired=desired)
            return deploying.carry_out(session, held, prepared, stored_plan=stored.number)

        return reservations.again_while_taken(session, attempt)


def _required_plan(session: Session, request: StoredPlanRequest) -> StoredPlan:
    stored = session.world.plans.load_plan(request.number)
    if stored is None:
        raise InputError(
            "plan-missing",
            f"There is no stored plan {request.number}.",
            why=f"A plan is kept for {KEPT_DAYS} days, and of a deployment the newest {KEPT_PLANS}.",
            fix="Store a new one with `compleat plan MANIFEST --save`.",
        )
    if request.file is not None:
        plan_files.require_same(request.file, stored)
    plan = stored.plan
    if plan.environment != session.settings.environment:
        raise InputError(
            "plan-elsewhere",
            f"Plan {stored.number} is for environment '{plan.environment}', not '{session.settings.environment}'.",
            fix=f"Add `-e {plan.environment}`, or store a plan for this environment.",
        )
    if request.deployment is not None and request.deployment != plan.deployment:
        raise WrongUseError(
            "deployment-contradicted",
            f"Plan {stored.number} is for deployment '{plan.deployment}', but the command names "
            f"'{request.deployment}'.",
            why="-d or COMPLEAT_DEPLOYMENT names another deployment.",
            fix="Leave -d out, or name another plan.",
        )
    return stored


def _deploy_request(stored: StoredPlan, request: StoredPlanRequest) -> DeployRequest:
    """A deploy of the manifest that the plan keeps, with the options that it was made with."""
    text = stored.plan.manifest or ""
    manifest = Source(name=f"manifest of plan {stored.number}", content=text.encode())
    return DeployRequest(
        files=ManifestFiles(manifest=manifest, values=stored.values, is_saved=True),
        caller=request.caller,
        options=stored.options,
        quota_options=request.quota_options,
        max_cost=request.max_cost,
    )


def _is_begun(session: Session, stored: StoredPlan) -> bool:
    """Whether the plan was begun and interrupted, so that what is left of it is to be done. Raises InputError, code
    `plan-used`, where it was applied, or another command ran after it.
    """
    journal, plan = session.world.journal, stored.plan
    first = journal.find_run(plan.run)
    if first is None:
        return False
    newest = next(iter(journal.list_runs(plan.environment, deployment=plan.deployment, limit=1)), first)
    if newest.stored_plan == stored.number and _is_cut_short(newest):
        return True
    raise InputError(
        "plan-used",
        f"Plan {stored.number} was applied before.",
        why=f"Task {first.task} applied it; task {newest.task} was the last one of deployment '{plan.deployment}'.",
        fix="Store a new plan with `compleat plan MANIFEST --save`, or run `compleat deploy MANIFEST`.",
    )


def _is_cut_short(run: Run) -> bool:
    return run.state is TaskState.CANCELLED or run.result == INTERRUPTED


def _require_unmoved(
    session: Session, environment: Environment, stored: StoredPlan, *, prepared: Prepared, is_begun: bool
) -> None:
    """Compare what the plan was decided from with what is now. What is left of a plan follows from the deployment."""
    configs = reading.read_configs(session, environment, _files(stored))
    now = basis.basis_of(environment, prepared.desired, prepared.made.observed, configs=configs)
    moved = [one for one in basis.moved_parts(stored.basis, now) if not is_begun or one.part in GIVEN]
    problems: list[ExplainedError] = list(_problems(session, stored, moved, is_begun=is_begun))
    if not is_begun:
        problems.extend(_taken(stored, prepared))
        if not problems and session.world.plans.digest_of(prepared.plan) != stored.digest:
            problems.append(_other_plan(stored, prepared))
    raise_all(problems)


def _files(stored: StoredPlan) -> ManifestFiles:
    return ManifestFiles(manifest=Source(name="", content=b""), values=stored.values)


def _problems(session: Session, stored: StoredPlan, moved: list[Moved], *, is_begun: bool) -> Iterator[InputError]:
    for part in BasisPart:
        names = [one for one in moved if one.part is part]
        for one in names[:_NAMED_AT_MOST]:
            why = _since(session, stored) if part is BasisPart.DEPLOYMENT else ""
            yield _outdated(stored, _words(stored, one), why=why, is_begun=is_begun)
        if len(names) > _NAMED_AT_MOST:
            left = len(names) - _NAMED_AT_MOST
            yield _outdated(stored, f"{left} more of the same kind ({part.value}) moved.", is_begun=is_begun)


def _words(stored: StoredPlan, one: Moved) -> str:
    verb = {Move.CHANGED: "changed", Move.ADDED: "appeared", Move.REMOVED: "disappeared"}[one.move]
    match one.part:
        case BasisPart.DEPLOYMENT:
            return f"The state of deployment '{one.name}' {verb}."
        case BasisPart.ENVIRONMENT:
            return f"Environment '{stored.plan.environment}' changed: its {one.name.replace('_', ' ')}."
        case BasisPart.CONFIG:
            return f"The {one.name} {verb}."
        case BasisPart.RELEASE:
            return f"The content of release '{one.name}' {verb}."
        case BasisPart.VM:
            return f"The VM of {one.name} {verb} in the cloud."
        case BasisPart.DISK:
            return f"Disk '{one.name}' {verb} in the cloud."
        case BasisPart.AGENT:
            return f"The state that the agent of {one.name} reports {verb}."
        case BasisPart.SECRET:
            return f"Secret '{one.name}' {verb}."
        case BasisPart.PACKAGE:
            return f"Whether package '{one.name}' is compiled {verb}."


def _since(session: Session, stored: StoredPlan) -> str:
    """The last task of the deployment after the plan was made."""
    plan = stored.plan
    tasks = session.world.tasks.list_tasks(plan.environment, deployment=plan.deployment, limit=2)
    since = [task for task in tasks if task.caller.at > stored.caller.at and task.number != session.task]
    return f"{since[0].caller.who} ran '{since[0].caller.command}' (task {since[0].number})." if since else ""


def _taken(stored: StoredPlan, prepared: Prepared) -> Iterator[InputError]:
    """Addresses of the plan that other deployments have got since."""
    taken = {ip for addresses in prepared.made.observed.taken.values() for ip in addresses}
    for ip in sorted({ip for addresses in stored.plan.reserved().values() for ip in addresses} & taken):
        yield _outdated(stored, f"Address {ip} was taken by another deployment.")


def _other_plan(stored: StoredPlan, prepared: Prepared) -> InputError:
    before, now = ({action.id: action for action in plan.actions} for plan in (stored.plan, prepared.plan))
    differing = [*(id_ for id_ in before if id_ not in now), *(id_ for id_ in now if id_ not in before)]
    why = f"Differs in: {', '.join(id_.partition('/')[2] for id_ in differing[:3])}." if differing else ""
    return _outdated(stored, "The same manifest now leads to another plan.", why=why)


def _outdated(stored: StoredPlan, what: str, *, why: str = "", is_begun: bool = False) -> InputError:
    fix = (
        "It was interrupted; continue with `compleat deploy MANIFEST`."
        if is_begun
        else "Store a new one with `compleat plan MANIFEST --save`."
    )
    reason = f"Plan {stored.number} was made before that; nothing was created or changed."
    return InputError("plan-outdated", what, why=f"{why} {reason}".strip(), fix=fix)
