"""Eventual consistency: what was just made is not there yet for the next few reads.

Takes calls and their answers; hides things from moto while a call is answered.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.aws import back
from tests.support.aws.answers import Answer
from tests.support.aws.calls import Call

_MADE = re.compile(rb"<(?:instanceId|volumeId|snapshotId|vpcId|subnetId|allocationId)>([a-z]+-[0-9a-f]+)<")
_MAKES = frozenset({"RunInstances", "CreateVolume", "CreateSnapshot", "CreateVpc", "CreateSubnet", "AllocateAddress"})


@dataclass(slots=True)
class Absences:
    """`reads` is for how many later calls a new thing is hidden; 0: never."""

    reads: int = 0
    hidden: dict[str, int] = field(default_factory=dict)

    def note(self, call: Call, answer: Answer) -> None:
        """Hide what a call made."""
        if not self.reads or call.action not in _MAKES or not answer.is_success:
            return
        prefix = {"RunInstances": b"i-", "CreateVolume": b"vol-", "CreateSnapshot": b"snap-", "CreateVpc": b"vpc-"}
        wanted = prefix.get(call.action, b"")
        for cid in _MADE.findall(answer.body):
            if cid.startswith(wanted):
                self.hidden[cid.decode()] = self.reads

    @contextmanager
    def around(self, call: Call) -> Iterator[None]:
        """Hide for the length of a call, and count it; calls of other services do not count."""
        if not self.hidden or call.service != "ec2":
            yield
            return
        with _without(call.region, set(self.hidden)):
            yield
        for cid in list(self.hidden):
            self.hidden[cid] -= 1
            if self.hidden[cid] <= 0:
                del self.hidden[cid]


@contextmanager
def _without(region: str, cids: set[str]) -> Iterator[None]:
    backend = back.ec2(region)
    shelves = [backend.volumes, backend.snapshots, backend.vpcs, *backend.subnets.values()]
    kept = [(shelf, {cid: shelf.pop(cid) for cid in cids if cid in shelf}) for shelf in shelves]
    running = [(each, list(each.instances)) for each in backend.reservations.values()]
    for reservation, held in running:
        if any(one.id in cids for one in held):
            reservation.instances = [one for one in held if one.id not in cids]
    addresses = list(backend.addresses)
    gone = [one for one in addresses if one.allocation_id in cids]
    for one in gone:
        backend.addresses.remove(one)
    try:
        yield
    finally:
        for shelf, things in kept:
            shelf.update(things)
        for reservation, held in running:
            reservation.instances = held
        backend.addresses.extend(gone)
