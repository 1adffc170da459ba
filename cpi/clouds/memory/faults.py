"""Failures of the memory cloud on demand.

Takes calls about to happen or just happened, gives nothing or raises what goes wrong. No clock, no randomness of its
own: both are passed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from typing import Protocol

from cpi.contract.errors import CloudError, DeniedError, LostReplyError, NoCapacityError, ThrottledError, TransientError
from cpi.contract.value_classes import dataclass

READ_METHODS = frozenset(
    {"info", "has_vm", "has_disk", "get_disks", "calculate_vm_cloud_properties", "preflight", "console_log"}
    | {f"find_{what}" for what in ("vms", "disks", "stemcells", "snapshots", "landing_resources")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCall:
    """One call of the cloud. `number` counts from 1; `subject` is the CID, or the owner's action of a create."""

    number: int
    method: str
    subject: str

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method in READ_METHODS


class Faults(Protocol):
    def before(self, call: CloudCall) -> None:
        """Raise what stops the call before it has an effect."""

    def after(self, call: CloudCall) -> None:
        """Raise what hides the call's effect from the caller."""


class InjectedFault(Enum):
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    LOST_BEFORE = "lost-before"
    LOST_AFTER = "lost-after"
    NO_CAPACITY = "no-capacity"
    DENIED = "not-authorized"


class NoFaults:
    """Nothing goes wrong."""

    def before(self, call: CloudCall) -> None:
        """Let it through."""

    def after(self, call: CloudCall) -> None:
        """Let the answer through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFaults:
    """Faults by the number of the call."""

    by_number: Mapping[int, InjectedFault]

    def before(self, call: CloudCall) -> None:
        """Raise the listed fault unless it comes after the effect."""
        _raise_before(self.by_number.get(call.number), call)

    def after(self, call: CloudCall) -> None:
        """Lose the reply if that is listed."""
        _raise_after(self.by_number.get(call.number), call)


@dataclass(slots=True, kw_only=True)
class RandomFaults:
    """Each call meets a fault with its share of chance. `random` gives numbers from 0 up to 1."""

    random: Callable[[], float]
    shares: Mapping[InjectedFault, float]
    is_sparing_reads: bool = False
    _drawn: dict[int, InjectedFault | None] = field(default_factory=dict)

    def before(self, call: CloudCall) -> None:
        """Draw the call's fault; raise it unless it comes after the effect."""
        self._drawn[call.number] = self._draw(call)
        _raise_before(self._drawn[call.number], call)

    def after(self, call: CloudCall) -> None:
        """Lose the reply if that was drawn."""
        _raise_after(self._drawn.pop(call.number, None), call)

    def _draw(self, call: CloudCall) -> InjectedFault | None:
        chance = self.random()
        if self.is_sparing_reads and call.is_read:
            return None
        for fault, share in self.shares.items():
            if chance < share:
                return fault
            chance -= share
        return None


def _raise_before(fault: InjectedFault | None, call: CloudCall) -> None:
    if fault is None or fault is InjectedFault.LOST_AFTER:
        return
    raise _error(fault, call)


def _raise_after(fault: InjectedFault | None, call: CloudCall) -> None:
    if fault is InjectedFault.LOST_AFTER:
        raise _error(fault, call)


def _error(fault: InjectedFault, call: CloudCall) -> CloudError:
    what = f"{call.method} of {call.subject or 'the cloud'}"
    match fault:
        case InjectedFault.THROTTLED:
            return ThrottledError("throttled", f"Too many calls: {what} was refused.", after_s=2.0)
        case InjectedFault.TRANSIENT:
            return TransientError("server-error", f"The cloud failed during {what} and changed nothing.")
        case InjectedFault.LOST_BEFORE | InjectedFault.LOST_AFTER:
            return LostReplyError("reply-lost", f"{what} was not answered.")
        case InjectedFault.NO_CAPACITY:
            return NoCapacityError(
                "no-capacity", f"The cloud has no room for {what}.", fix="Choose another size or AZ."
            )
        case InjectedFault.DENIED:
            return DeniedError(
                "not-authorized", f"The account has no permission for {what}.", fix="Grant the permission."
            )
