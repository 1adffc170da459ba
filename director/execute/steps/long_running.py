"""Calls that the cloud accepts and carries out for minutes: looked at, not waited for, so that no thread is held.

Takes a context and a call, gives what the call gives, or NotYet with what the cloud is carrying out.
"""

from collections.abc import Callable
from typing import TypeVar

from cpi.contract.cloud import Cloud, Landing
from cpi.contract.errors import LostReplyError, NotSupportedError, TransientError
from cpi.contract.long_running import LongRunning, Pending, unfinished
from director.execute.steps.context import StepContext
from director.ports.runner import NotYet

T = TypeVar("T")


def calls_of(context: StepContext, cloud: str) -> Cloud | LongRunning:
    """The cloud's slow methods: those that do not wait, where it has them."""
    connected = context.cloud(cloud)
    return connected.long_running or connected.cloud


def landing_of(context: StepContext, cloud: str) -> Landing | LongRunning:
    """The same of its landing zone. Raises NotSupportedError, code no-landing-zone."""
    connected = context.cloud(cloud)
    if connected.landing is None:
        raise NotSupportedError("no-landing-zone", f"Cloud '{cloud}' does not support landing zones.")
    return connected.long_running or connected.landing


def carry_out(context: StepContext, cloud: str, call: Callable[[], T | Pending]) -> T | NotYet:
    """Make the call, unless the cloud is still carrying out what an earlier one began.

    Raises what the call or the operation failed with; LostReplyError, code operation-unfinished, after its limit.
    """
    left = watch(context, cloud)
    made = call() if left is None else left
    return _not_yet(made) if isinstance(made, Pending) else made


def watch(context: StepContext, cloud: str) -> NotYet | None:
    """What the cloud is still carrying out for this action. A look whose answer was lost changed nothing.

    Raises as `carry_out` does.
    """
    calls = context.cloud(cloud).long_running
    if not context.call.handle or calls is None:
        return None
    try:
        pending = calls.look(context.call.handle)
    except LostReplyError as error:
        raise TransientError(error.code, error.what, why=error.why, fix=error.fix) from error
    if pending is not None and context.world.clock.now() - context.call.began_at > pending.limit_s:
        raise unfinished(pending)
    return _not_yet(pending) if pending else None


def _not_yet(pending: Pending) -> NotYet:
    return NotYet(after_s=pending.after_s, text=pending.text, handle=pending.handle)
