"""What somebody asked for, from that moment until it is over.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh director/lib/bosh/director/models/task.rb (states).
"""

from enum import Enum

from cpi.contract.value_classes import dataclass
from director.model.ids import DeploymentName, EnvironmentName
from director.model.tasks.caller import Caller


class TaskState(Enum):
    """BOSH's states but `queued`: a command works on its task from the moment that it is typed, or refuses to.

    CANCELLING: its cancellation is requested, and it has not stopped yet. TIMEOUT is BOSH's word for a task whose
    process died. A task of which no process is left stays as it is until the next command settles it.
    """

    PROCESSING = "processing"
    CANCELLING = "cancelling"
    DONE = "done"
    ERROR = "error"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will run any more."""
        return self not in {TaskState.PROCESSING, TaskState.CANCELLING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`number` counts from 1 within the state store. `deployments` are those that it concerns, if they are known.

    `result` is the path of what was made, or the code and first sentence of what went wrong. `canceller` is the first
    to request its cancellation, None without a request.
    """

    environment: EnvironmentName
    caller: Caller
    deployments: tuple[DeploymentName, ...] = ()
    number: int = 0
    state: TaskState = TaskState.PROCESSING
    ended_at: float | None = None
    result: str = ""
    canceller: Caller | None = None
