"""What a person knows of a plan: an instance, a package, the secrets, each done when all actions planned for it are.

Takes a plan, gives milestones. Compile VMs, and what belongs to a package or an instance, have none of their own.
"""

from collections.abc import Sequence

from cpi.contract.value_classes import dataclass
from director.actions.compile_package import CompilePackage
from director.actions.finish_instance import FinishInstance
from director.actions.make_secret import MakeSecret
from director.actions.run_errand import RunErrand
from director.actions.run_script import RunScript
from director.actions.take_compiled import TakeCompiled
from director.model.counting import count_text, names_text
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Becomes, InstanceChange, Plan
from director.model.tasks.work import VmWork, Work

SECRETS = "secrets"
POST_DEPLOY = "post-deploy"
_LONGEST = 46
"""Characters of the names of secrets and instances: the line of the log is no longer than 80."""


_NOUNS = {"vm": "VM", "dns records": "DNS records"}
_IRREGULAR = {
    "forget": "forgotten",
    "run": "run",
    "send": "sent",
    "stop": "stopped",
    "swap": "swapped",
    "tag": "tagged",
    "take": "taken",
    "write": "written",
}


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
    own = f"/{plan.environment}/{plan.deployment}/"
    return tuple(
        Milestone(
            subject=subject,
            text=_facts(changes[subject]) if subject in changes else _text(subject, actions, own=own),
            actions=frozenset(action.id for action in actions),
        )
        for subject, actions in found.items()
    )


def planned_words(plan: Plan) -> str:
    """ "3 secrets, 2 packages, 4 instances (67 actions)", "1 errand (11 actions)"."""
    counts = (
        (sum(isinstance(action.work, MakeSecret) for action in plan.actions), "secret"),
        (sum(isinstance(action.work, CompilePackage) for action in plan.actions), "package"),
        (len(plan.changes), "instance"),
        (sum(isinstance(action.work, RunErrand) for action in plan.actions), "errand"),
    )
    words = ", ".join(count_text(number, noun) for number, noun in counts if number)
    actions = count_text(len(plan.actions), "action")
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


def _facts(change: InstanceChange) -> str:
    words = [change.becomes.value]
    if change.is_canary and change.becomes is not Becomes.DELETED:
        words.append("(canary)")
    if change.becomes in {Becomes.NEW, Becomes.RECREATED}:
        words.extend(each for each in (change.az, *change.addresses) if each)
    return " ".join(words)


def _text(subject: str, actions: Sequence[Action], *, own: str) -> str:
    """A secret of the deployment's `own` is named by its last part."""
    if subject == SECRETS:
        names = [(action.subject.partition(" ")[2] or action.subject).removeprefix(own) for action in actions]
        return names_text(names, longest=_LONGEST)
    if subject == POST_DEPLOY:
        return names_text([action.subject for action in actions], longest=_LONGEST)
    works = [action.work for action in actions]
    errands = [work.job for work in works if isinstance(work, RunErrand)]
    if errands:
        return f"ran errand {', '.join(errands)}"
    kinds = {type(work) for work in works}
    if CompilePackage in kinds:
        return "compiled"
    return "fetched" if TakeCompiled in kinds else _done(subject, works)


def _done(subject: str, works: Sequence[Work]) -> str:
    """What was made and what is gone by their signs, of an instance what of it ("VM deleted"); else "disk orphaned"."""
    signs = {work.facts.sign for work in works}
    if signs in ({"+"}, {"-"}):
        ending = "created" if signs == {"+"} else "deleted"
        return ending if " " in subject else f"{_NOUNS.get(works[0].facts.noun, works[0].facts.noun)} {ending}"
    by_noun: dict[str, list[str]] = {}
    for work in works:
        if not isinstance(work, FinishInstance):
            by_noun.setdefault(_NOUNS.get(work.facts.noun, work.facts.noun), []).append(_past(work.facts.verb))
    done = ", ".join(f"{noun} {', '.join(dict.fromkeys(verbs))}" for noun, verbs in by_noun.items())
    return done or "recorded"


def _past(verb: str) -> str:
    return _IRREGULAR.get(verb) or f"{verb.removesuffix('e')}ed"
