"""What every kind of action has: facts for everyone else, a typed result, and what that makes of a state.

Takes nothing, gives base values. The kinds themselves are the files of director/actions/. Secrets are names.
"""

from enum import Enum
from typing import ClassVar, Generic, Literal, Never, TypeVar

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkSettings
from director.errors import Bug
from director.model.cloud_names import CloudName
from director.model.environments.state import DeploymentState
from director.model.former import OptionalText
from director.model.ids import ActionId, InstanceId


class Doubt(Enum):
    """How to deal with a call that may have happened."""

    LOOK = "look"  # ask the cloud by owner key: adopt what is there
    REDO = "redo"  # doing it twice is doing it once; the next plan sees what is
    REPORT = "report"  # a user must decide: it can neither be found nor be repeated


class Family(Enum):
    """The APIs of a cloud that throttle together."""

    COMPUTE = "compute"
    DISK = "disk"
    ATTACH = "attach"
    NETWORK = "network"
    IMAGE = "image"
    STORAGE = "storage"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """The facts about a kind of action.

    verb, noun: the words of an event: "create vm".
    doing: the words of an error: "creating VM" (for web/0).
    sign: what a plan shows: + makes something, - takes it away, ~ changes it.
    estimate_s: how long it probably takes.
    family: which calls it is throttled with; None calls no cloud.
    is_event: `compleat events` lists it.
    needs_consent: it stops, moves or deletes what a person may miss.
    is_dirtying: cut short, it leaves its instance in a state that is not known.
    is_finished_at_once: settling a run repeats it: no record names what it deletes, so no later plan would delete it.
    """

    verb: str
    noun: str
    doing: str
    sign: Literal["+", "-", "~"] = "~"
    estimate_s: float = 1.0
    family: Family | None = None
    doubt: Doubt = Doubt.REDO
    is_event: bool = False
    needs_consent: bool = False
    is_dirtying: bool = True
    is_finished_at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a result is another than was planned."""

    what: str
    planned: object
    reported: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a done action gives: no secret. This one gives nothing but that it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CidResult(Result):
    """The CID of what the action made, changed or deleted; "" where there was nothing."""

    cid: str


R = TypeVar("R", bound=Result, contravariant=True)


@dataclass(frozen=True, kw_only=True)
class WorkOf(Generic[R]):
    """One call to one port, whose result is an R. `kind` is the name of its file in director/actions/."""

    kind: str
    facts: ClassVar[WorkFacts]
    result: ClassVar[type[Result]] = Result

    @property
    def instance_id(self) -> InstanceId | None:
        """The instance that it is done to; None for what belongs to no instance."""
        return None

    @property
    def disk_name(self) -> str:
        """The name of the named disk that it is done to, "" for anything else."""
        return ""

    @property
    def detail(self) -> str:
        """What its kind leaves open, for people: which script."""
        return ""

    @property
    def networks(self) -> tuple[NetworkSettings, ...]:
        """The networks on which a VM is created; while its run is open, their addresses are reserved."""
        return ()

    @property
    def pace_family(self) -> str:
        """Calls that are throttled together, "" for what calls no cloud."""
        return ""

    @property
    def dirtied(self) -> InstanceId | None:
        """The instance that is not as it was once this began; None for what can be cut short without harm."""
        return self.instance_id if self.facts.is_dirtying else None

    def fold(self, state: DeploymentState, action: ActionId, result: R) -> DeploymentState:
        """Give the state with the result in it; twice is once."""
        return state

    def differences(self, result: R) -> tuple[Difference, ...]:
        """Where the result is another than was planned: it may fill in what was left open, and nothing else."""
        return ()


Work = WorkOf[Never]
"""Any kind of action."""


@dataclass(frozen=True, kw_only=True)
class CloudWork(WorkOf[R]):
    """A call to the cloud of that name."""

    cloud: CloudName

    @property
    def pace_family(self) -> str:
        """The cloud's name and the family of its API."""
        return f"{self.cloud}/{self.facts.family.value}" if self.facts.family else ""


@dataclass(frozen=True, kw_only=True)
class InstanceWork(WorkOf[R]):
    """Something done to an instance."""

    instance: InstanceId

    @property
    def instance_id(self) -> InstanceId | None:
        """The instance."""
        return self.instance


@dataclass(frozen=True, kw_only=True)
class DiskWork(InstanceWork[R]):
    """Something done to a disk of an instance: the named disk `disk`, or the one on the store where that is ""."""

    disk: str = ""

    @property
    def disk_name(self) -> str:
        """The disk's name."""
        return self.disk


@dataclass(frozen=True, kw_only=True)
class VmWork(WorkOf[R]):
    """Something done to an instance's VM, or to the compile VM named `compiler` when `instance` is None."""

    instance: InstanceId | None = None
    compiler: OptionalText = None

    @property
    def instance_id(self) -> InstanceId | None:
        """The instance, if it has one."""
        return self.instance

    def of_compiler(self) -> str:
        """The compile VM's name. Raises Bug where it is the VM of an instance, or of none."""
        if self.compiler is None:
            raise Bug("vm-of-nobody", f"A {self.kind} names neither an instance nor a compile VM.")
        return self.compiler
