"""Octavia's load balancers as they are, and changes of one at a time: while one is under way Octavia takes no other.

Takes ids and calls, gives answers, and what is under way as text that outlives the process.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import CloudError, NotFoundError, TransientError
from cpi.contract.long_running import Pending

T = TypeVar("T")
CloudAnswer = Mapping[str, Any]

SERVICE = "balancer"
BALANCERS = "/lbaas/loadbalancers"
LISTENERS = "/lbaas/listeners"
POOLS = "/lbaas/pools"
MONITORS = "/lbaas/healthmonitors"

_NOT_READY = "not-ready-yet"
_PENDING = "PENDING_"
_HANDLE = "load-balancer "
_LOOK_S = 2.0
_LIMIT_S = 1800.0
"""Octavia itself gives up the VMs of a new load balancer after 25 minutes."""


class BalancerBusyError(TransientError):
    """Octavia is changing a load balancer; nothing else was changed. `pending` is how to wait for it."""

    def __init__(self, balancer: str, *, why: str = "") -> None:
        self.pending = _pending(balancer)
        super().__init__(
            _NOT_READY,
            f"Octavia is changing load balancer {balancer}.",
            why=why or "It takes one change at a time.",
            fix="No action needed: compleat retries.",
        )


class BalancerFailedError(CloudError):
    """Octavia gave a load balancer up, and changes nothing of it any more."""

    def __init__(self, answer: CloudAnswer) -> None:
        super().__init__(
            "load-balancer-failed",
            f"Octavia failed to create or change load balancer '{answer['name']}'.",
            why=f"Its provisioning status is {answer['provisioning_status']}.",
            fix=f"Ask the cloud's operator to run `openstack loadbalancer failover {answer['id']}`, or delete it: "
            f"`openstack loadbalancer delete --cascade {answer['id']}`; then run the same command again.",
        )


def find(api: Api, balancer: str) -> CloudAnswer | None:
    """A load balancer as it is now; None: gone."""
    with contextlib.suppress(NotFoundError):
        found: CloudAnswer = api.read(SERVICE, f"{BALANCERS}/{balancer}")["loadbalancer"]
        return None if found["provisioning_status"] == "DELETED" else found
    return None


def is_busy(answer: CloudAnswer) -> bool:
    """Whether Octavia is changing it."""
    return str(answer["provisioning_status"]).startswith(_PENDING)


def is_failed(answer: CloudAnswer) -> bool:
    """Whether it can only be deleted, or repaired by the cloud's operator."""
    return str(answer["provisioning_status"]) == "ERROR"


def change(api: Api, balancer: str, call: Callable[[], T]) -> T:
    """What a changing call gives. Raises BalancerBusyError where another change is under way; BalancerFailedError."""
    try:
        return call()
    except TransientError as error:
        found = find(api, balancer) if error.code == _NOT_READY and balancer else None
        if found is None:
            raise
        if is_failed(found):
            raise BalancerFailedError(found) from error
        raise BalancerBusyError(balancer, why=error.why) from error


def is_handle(handle: str) -> bool:
    """Whether it is of a load balancer."""
    return handle.startswith(_HANDLE)


def look(api: Api, handle: str) -> Pending | None:
    """Pending while Octavia is changing the load balancer of a handle; None once it is not, or gone."""
    balancer = handle.removeprefix(_HANDLE)
    answer = find(api, balancer)
    return _pending(balancer) if answer is not None and is_busy(answer) else None


def _pending(balancer: str) -> Pending:
    text = f"Octavia: changing load balancer {balancer}"
    return Pending(handle=f"{_HANDLE}{balancer}", after_s=_LOOK_S, text=text, limit_s=_LIMIT_S)
