"""The input and the result of a run.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.entries import Failure, Run
from director.model.tasks.work import Result
from director.ports.state_store import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a step may take, in seconds, where neither plan nor manifest say it."""

    stop_s: float = 300.0
    """For all jobs of an instance to stop; BOSH's director waits as long."""
    agent_poll_s: float = 0.2
    """Between the first looks for a new VM's agent; a namespace is up in less than a second."""
    agent_poll_most_s: float = 2.0
    """Between later looks; clouds take half a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A run to be carried out: its plan, the right to do so, and what was known when it was planned."""

    run: Run
    lease: Lease
    state: DeploymentState
    environment: Environment
    timeouts: Timeouts = field(default_factory=Timeouts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """`run` has its number and its end. `failures` is empty when, and only when, everything planned was done.

    `bugs` is what calls raised that no contract allows, for a report; each is a failure of its action, too.
    """

    run: Run
    state: DeploymentState
    results: Mapping[ActionId, Result] = field(default_factory=dict)
    failures: Mapping[ActionId, Failure] = field(default_factory=dict)
    bugs: Mapping[ActionId, BaseException] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether everything planned was done."""
        return not self.failures
