"""What releases bring, looked at before anything is done: templates rendered, what they make, packages' sources.

Takes a Session, what is wanted and a plan; tells everything that the agents would refuse, all at once.
"""

from cpi.errors import ExplainedError
from director.app import preflight
from director.app.session import Session
from director.errors import InputError, raise_all
from director.model.desired import Desired
from director.model.examined import Remark
from director.model.plan import Plan
from director.model.rendered import RenderedJobs
from director.model.work import Apply, InstanceSpec, PackSource
from director.render import front as rendering
from director.render import placeholders


def check_content(session: Session, desired: Desired, plan: Plan) -> None:
    """Render everything that the plan will, with secrets that are none, and see that each package can be packed.

    Raises Problems: template-error, ruby-missing, what examine_jobs finds (its remarks are told), and what
    check_package finds.
    """
    seen = _Seen()
    _look_at_templates(session, desired, plan, seen=seen)
    for action in plan.actions:
        if isinstance(action.work, PackSource):
            try:
                session.world.releases.check_package(action.work.package.source)
            except InputError as error:
                seen.problems.extend(getattr(error, "problems", (error,)))
    raise_all(seen.first_problems())
    for remark in seen.remarks:
        preflight.tell(session, kind=remark.kind, subject=desired.deployment, text=remark.text)


def _look_at_templates(session: Session, desired: Desired, plan: Plan, *, seen: "_Seen") -> None:
    works = [action.work for action in plan.actions if isinstance(action.work, Apply)]
    references = [
        found for work in works for job in work.spec.jobs for found in placeholders.references_in(job.properties)
    ]
    secret = placeholders.placeholder_secrets(desired.variables, references)
    for work in works:
        try:
            rendered = session.world.renderer.render_jobs(work.spec, secret)
        except InputError as error:
            seen.problems.extend(getattr(error, "problems", (error,)))
            continue
        seen.look_at(work.spec, rendered)


class _Seen:
    """What was found. The files of a group's instances are mostly the same: each set of them is looked at once."""

    def __init__(self) -> None:
        self.problems: list[ExplainedError] = []
        self.remarks: dict[Remark, None] = {}
        self._known: set[int] = set()

    def look_at(self, spec: InstanceSpec, rendered: RenderedJobs) -> None:
        key = hash((spec.spec.get("name"), *((job, *files.items()) for job, files in rendered.items())))
        if key not in self._known:
            self._known.add(key)
            examined = rendering.examine_jobs(spec, rendered)
            self.problems.extend(examined.problems)
            self.remarks.update(dict.fromkeys(examined.remarks))

    def first_problems(self) -> list[ExplainedError]:
        """A template that fails for one instance mostly fails for all of its group: the first speaks for them."""
        first: dict[tuple[str, ...], ExplainedError] = {}
        for each in self.problems:
            first.setdefault((each.where, each.why, each.fix), each)
        return list(first.values())
