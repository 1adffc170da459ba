"""What changed nothing is asked again here: of all methods BOSH's director repeats create_vm alone.

Takes a call and who sleeps, gives what the call gives. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/steps/create_vm_step.rb (`ok_to_retry`).
"""

from collections.abc import Callable
from typing import TypeVar

from cpi.contract.errors import CloudError, Retry, ThrottledError

Sleep = Callable[[float], None]
"""Lets so many seconds pass."""

PATIENCE_S = 180.0
"""How long a call is repeated: a cloud's "still deleting" takes a minute or two, and a director waits for us."""

_FIRST_S = 0.5
_LONGEST_S = 10.0
_T = TypeVar("_T")


def wait_while_safe(call: Callable[[], _T], sleep: Sleep) -> _T:
    """Give its result. What it raises at last is raised: what is not safe at once, what is safe after PATIENCE_S."""
    slept_s, pause_s = 0.0, _FIRST_S
    while True:
        try:
            return call()
        except CloudError as error:
            wait_s = max(pause_s, error.after_s) if isinstance(error, ThrottledError) else pause_s
            if error.retry is not Retry.SAFE or slept_s + wait_s > PATIENCE_S:
                raise
        sleep(wait_s)
        slept_s, pause_s = slept_s + wait_s, min(_LONGEST_S, pause_s * 2)
