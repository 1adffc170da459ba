"""Who writes actions: their ids, owner keys and estimates.

Takes work and what it is about, gives actions.
"""

import re
from collections.abc import Iterable

from cpi.contract.value_classes import dataclass
from cpi.contract.values import OwnerKey
from director.model.ids import ActionId, EnvironmentName, OwnerName, RunId
from director.model.tasks.plan import Action
from director.model.tasks.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """For people: what actions are about, why they are done, and BOSH's event stage."""

    subject: str
    reason: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFactory:
    """The run whose actions are written."""

    run: RunId
    environment: EnvironmentName
    deployment: OwnerName

    def id_of(self, kind: str, subject: str, detail: str = "") -> ActionId:
        """The action's id: "<run>/<kind>/<subject>[/<detail>]"."""
        words = (self.run, kind, slug(subject), *((slug(detail),) if detail else ()))
        return ActionId("/".join(words))

    def owner_of(self, action: ActionId) -> OwnerKey:
        """The owner key of what that action makes."""
        return OwnerKey(environment=self.environment, deployment=self.deployment, action=action)

    def new_action(self, work: Work, about: Description, *, after: Iterable[ActionId] = (), detail: str = "") -> Action:
        """Write an action; `detail` tells it from others of its kind and subject."""
        return Action(
            id=self.id_of(work.kind, about.subject, detail),
            work=work,
            subject=about.subject,
            reason=about.reason,
            after=tuple(dict.fromkeys(after)),
            estimate_s=work.facts.estimate_s,
            stage=about.stage,
        )


def slug(text: str) -> str:
    """The text with everything but letters, digits, dots, dashes and underscores made a dash."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")


class Line:
    """A growing line of actions: each comes after the one added before, unless told otherwise."""

    def __init__(self, factory: ActionFactory, about: Description) -> None:
        self.factory = factory
        self.about = about
        self.actions: list[Action] = []
        self.last: tuple[ActionId, ...] = ()

    def add(self, work: Work, *, after: Iterable[ActionId] = (), detail: str = "") -> ActionId:
        """Add one after the last, and after `after` too."""
        action = self.factory.new_action(work, self.about, after=(*self.last, *after), detail=detail)
        self.actions.append(action)
        self.last = (action.id,)
        return action.id
