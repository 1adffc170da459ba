"""What a journal holds: that a call began, and how it ended.

Takes nothing, gives frozen values.
"""

from typing import Literal

from cpi.contract.value_classes import dataclass
from director.model.former import OptionalText
from director.model.ids import ActionId, EnvironmentName, OwnerName, RunId
from director.model.tasks.plan import Plan
from director.model.tasks.task import TaskState
from director.model.tasks.work import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error as data. `retry` is cpi.contract.errors.Retry's value; `output` the last lines of what failed.

    `cloud` is the one whose plugin raised it, "" for what no cloud did.
    """

    code: str
    what: str
    why: str = ""
    fix: str = ""
    retry: str = "never"
    output: str = ""
    after_s: float = 0.0
    cloud: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """On disk before the call leaves. `member` is the pool's member it runs on, None for none."""

    action: ActionId
    at: float
    attempt: int = 1
    member: OptionalText = None
    type: Literal["begun"] = "begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The cloud accepted the call and is carrying it out. A later process looks at `handle`; the last one counts."""

    action: ActionId
    at: float
    handle: str
    type: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """On disk before anything that depends on it begins. `kind` is the action's: it says of what type the result is."""

    action: ActionId
    at: float
    kind: str
    result: Result
    type: Literal["done"] = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    action: ActionId
    at: float
    failure: Failure
    type: Literal["failed"] = "failed"


Entry = Begun | Accepted | Done | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One plan carried out, for the task with the number `task`. `number` counts runs from 1 within the state store.

    `stored_plan` is the number of the stored plan that it applies, or what was left of it; None for others.
    """

    id: RunId
    environment: EnvironmentName
    deployment: OwnerName
    started_at: float
    plan: Plan
    task: int = 0
    stored_plan: int | None = None
    number: int = 0
    state: TaskState = TaskState.PROCESSING
    ended_at: float | None = None
    result: str = ""
