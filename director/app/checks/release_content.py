"""What releases bring, looked at before anything is done: templates rendered, what they make, packages' sources.

Takes a Session, what is wanted and a plan; tells everything that the agents would refuse, all at once.
"""

from collections.abc import Collection, Iterable, Mapping

from cpi.contract.errors import ExplainedError
from cpi.contract.values import JsonValue
from director.actions.apply import Apply
from director.actions.pack_source import PackSource
from director.app.checks import preflight
from director.app.sessions.session import Session
from director.errors import raise_all
from director.model.environments.desired import Desired
from director.model.examined import BPM_LIMITS, JobFindings
from director.model.tasks.plan import Plan
from director.render import placeholders


def check_content(session: Session, desired: Desired, plan: Plan) -> None:
    """Render everything that the plan will, with secrets that are none, and see that each package can be packed.

    Raises Problems: template-error, ruby-missing, what examine_jobs finds (it reports remarks), and what
    package_problems finds.
    """
    examined = _look_at_templates(session, desired, plan)
    problems: list[ExplainedError] = list(examined.problems)
    packing = [action.work.package.source for action in plan.actions if isinstance(action.work, PackSource)]
    problems.extend(session.world.releases.package_problems(packing))
    raise_all(_first_problems(problems))
    for remark in examined.remarks:
        if remark.kind == BPM_LIMITS and all(
            each.cloud.info().has_control_groups for each in session.world.clouds.values()
        ):
            continue
        preflight.report(session, kind=remark.kind, subject=desired.deployment, text=remark.text)


def _look_at_templates(session: Session, desired: Desired, plan: Plan) -> JobFindings:
    specs = [action.work.spec for action in plan.actions if isinstance(action.work, Apply)]
    references = placeholders.seen_references(specs)
    known = _known_values(session, desired, placeholders.parsed_secrets(specs))
    secret = placeholders.placeholder_secrets(desired.variables, references, known=known)
    return session.world.renderer.check_jobs(specs, secret)


def _known_values(session: Session, desired: Desired, parsed: Collection[str]) -> Mapping[str, JsonValue]:
    """Certificates and keys for templates that parse them: of a generated variable a sample, of another its value."""
    vault = session.world.vault
    generated = {variable.name: variable for variable in desired.variables if variable.name in parsed}
    given = vault.secret_versions(name for name in parsed if name not in generated)
    samples = {name: vault.sample_secret(variable) for name, variable in generated.items()}
    return {**samples, **{name: vault.get_secret(name) for name in given}}


def _first_problems(problems: Iterable[ExplainedError]) -> list[ExplainedError]:
    """Report a template once per group: if it fails for one instance, it usually fails for all of them."""
    first: dict[tuple[str, ...], ExplainedError] = {}
    for each in problems:
        first.setdefault((each.where, each.why, each.fix), each)
    return list(first.values())
