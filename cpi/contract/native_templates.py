"""NATIVE_TEMPLATES: a cloud's own service for templates of Azure Resource Manager.

Takes a template with the values of its parameters, gives what the service answers, as values of compleat.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from typing import Protocol

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeTemplate:
    """`name` is the template's own short name, which the name of its deployment follows from; `content` is its JSON.

    `parameters` are those that were given, with their plain values: secrets are among them.
    """

    name: str
    content: Mapping[str, JsonValue] = field(repr=False)
    parameters: Mapping[str, JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeProblem:
    """One reason why the service refused or failed, without those around it.

    `resource` is the type and the name of the resource that it is about, `path` leads to a place in the template; both
    may be "".
    """

    code: str
    message: str
    resource: tuple[str, str] = ("", "")
    path: str = ""


class ChangeKind(Enum):
    CREATE = "create"
    DELETE = "delete"
    MODIFY = "modify"
    DEPLOY = "deploy"
    NO_CHANGE = "no change"
    IGNORE = "ignore"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class NativePropertyChange:
    """`kind` is create, delete or modify; elements of lists have their index in the path."""

    path: str
    kind: ChangeKind
    before: JsonValue = None
    after: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeChange:
    """What a deployment would do to one resource; `reason` says why the service cannot tell."""

    kind: ChangeKind
    type: str
    name: str
    properties: tuple[NativePropertyChange, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeOperation:
    """One resource of a deployment and how far it is, in the service's word ("Running", "Succeeded")."""

    type: str
    name: str
    state: str


class DeploymentProgress(Enum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeDeployment:
    """A deployment as the service has it. `outputs` map names to values, None for one that is secret."""

    name: str
    progress: DeploymentProgress
    operations: tuple[NativeOperation, ...] = ()
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    problems: tuple[NativeProblem, ...] = ()


class NativeRefusal(Exception):
    """The service refused a template before it changed anything; what it says of it, at least one problem."""

    def __init__(self, problems: tuple[NativeProblem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


Watch = Callable[[NativeDeployment], None]


class NativeTemplates(Protocol):
    """Each call returns when the service has ended it. Raises NativeRefusal for what is wrong with a template."""

    def validate(self, template: NativeTemplate) -> tuple[tuple[str, str], ...]:
        """Types and names of the resources that the template would deploy; nothing is created."""

    def what_if(self, template: NativeTemplate) -> tuple[NativeChange, ...]:
        """What a deployment of it would change; nothing is created."""

    def deploy(self, template: NativeTemplate, watch: Watch) -> NativeDeployment:
        """Deploy it, or follow the deployment of it that an earlier call began; what was deployed is ours from birth.

        `watch` is given the deployment whenever more of it is known. Raises ConflictError, code deployment-running;
        NotSupportedError, code resource-group-foreign.
        """
