"""What a person knows of a plan: an instance, a package, the secrets, each done when all actions planned for it are.

Takes a plan, gives milestones. Compile VMs, and what belongs to a package or an instance, have none of their own.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.value_classes import dataclass
from director.actions.compile_package import CompilePackage
from director.actions.create_vm import CreateVm
from director.actions.make_secret import MakeSecret
from director.actions.run_script import RunScript
from director.actions.take_compiled import TakeCompiled
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Becomes, InstanceChange, Plan
from director.model.tasks.work import VmWork

SECRETS = "secrets"
POST_DEPLOY = "post-deploy"
_NAMED = 6
"""So many secrets are named; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """`text` says what its subject is once all of `actions` are done."""

    subject: str
    text: str
    actions: frozenset[ActionId]


def milestones_of(plan: Plan) -> tuple[Milestone, ...]:
    """The milestones of a plan, in the order of their first action."""
    found: dict[str, list[Action]] = {}
    for action in plan.actions:
        subject = _subject(action)
        if subject:
            found.setdefault(subject, []).append(action)
    changes = {change.name: change for change in plan.changes}
    return tuple(
        Milestone(
            subject=subject,
            text=_text(subject, actions, changes.get(subject)).replace(f"/{plan.environment}/{plan.deployment}/", ""),
            actions=frozenset(action.id for action in actions),
        )
        for subject, actions in found.items()
    )


def planned_words(plan: Plan) -> str:
    """ "3 secrets, 2 packages, 4 instances (67 actions)"."""
    counts = (
        (sum(isinstance(action.work, MakeSecret) for action in plan.actions), "secret"),
        (sum(isinstance(action.work, CompilePackage) for action in plan.actions), "package"),
        (len(plan.changes), "instance"),
    )
    words = ", ".join(_count(number, noun) for number, noun in counts if number)
    actions = _count(len(plan.actions), "action")
    return f"{words} ({actions})" if words else actions


def _subject(action: Action) -> str:
    """The subject of the milestone that the action is part of, "" for none."""
    work = action.work
    if isinstance(work, MakeSecret):
        return SECRETS
    if isinstance(work, RunScript) and work.is_post_deploy:
        return POST_DEPLOY
    if isinstance(work, VmWork) and work.compiler is not None:
        return ""
    return action.subject


def _text(subject: str, actions: Iterable[Action], change: InstanceChange | None) -> str:
    if subject == SECRETS:
        return _names([action.subject.partition(" ")[2] or action.subject for action in actions])
    if subject == POST_DEPLOY:
        return _names([action.subject for action in actions])
    if change is not None:
        return " ".join(_facts(change))
    kinds = {type(action.work) for action in actions}
    if CompilePackage in kinds:
        return "compiled"
    return "fetched" if TakeCompiled in kinds else _done(actions)


def _facts(change: InstanceChange) -> Iterator[str]:
    yield change.becomes.value
    if change.is_canary and change.becomes is not Becomes.DELETED:
        yield "(canary)"
    if change.becomes in {Becomes.NEW, Becomes.RECREATED}:
        yield from (each for each in (change.az, *change.addresses) if each)


def _done(actions: Iterable[Action]) -> str:
    """Kinds in the past, by their signs: what was made, what is gone, anything else done."""
    works = [action.work for action in actions]
    signs = {work.facts.sign for work in works}
    if any(isinstance(work, CreateVm) for work in works) or signs == {"+"}:
        return "created"
    return "deleted" if signs == {"-"} else "done"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
