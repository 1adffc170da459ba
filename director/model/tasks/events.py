"""The events that a run reports to its watcher.

Takes nothing, gives frozen values.
"""

from enum import Enum

from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId


class Happening(Enum):
    PLANNED = "planned"
    STARTED = "started"
    PROGRESS = "progress"
    WAITING = "waiting"
    RETRYING = "retrying"
    FINISHED = "finished"
    FAILED = "failed"
    COMPLETED = "completed"  # everything planned for its subject (an instance, a package, all secrets) is done
    ENDED = "ended"
    PLACE = "place"  # which clouds the environment is on
    REMARK = "remark"  # worth knowing, belongs to no action
    CLOUD = "cloud"  # what a cloud's plugin reports during a call, such as how far an upload is
    REPORT = "report"  # a line of what `up` prints at its end; of a secret only its name
    PRICE = "price"  # what will last costs an hour: the currency is its subject
    PROMPT = "prompt"  # what a person must do now, such as entering a device code: shown even where nothing else is


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`text` is the last line of what runs, the reason of a wait, or an error's message. `done` of `total` actions.

    `detail` says more of the kind: which script.
    """

    at: float
    happening: Happening
    stage: str = ""
    subject: str = ""
    kind: str = ""
    detail: str = ""
    action: ActionId | None = None
    text: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events of a task's log, and the cursor behind the last of them."""

    events: tuple[Event, ...] = ()
    cursor: int
