"""The Azure stand-in with bodies.

Takes nothing, gives a Place that ends with the block.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.clouds.place import Place
from tests.support.azure import compute
from tests.support.azure.answers import Call
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.bodies.azure_observer import BodyObserver
from tests.support.bodies.bodies import Bodies


@contextlib.contextmanager
def opened() -> Iterator[Place]:
    """A fresh subscription."""
    with contextlib.ExitStack() as closing:
        folder = closing.enter_context(tempfile.TemporaryDirectory())
        bodies = closing.enter_context(contextlib.closing(Bodies()))
        stand_in = closing.enter_context(azure_stand_in(Path(folder), observer=BodyObserver(bodies)))
        for address in (stand_in.arm_url, stand_in.metadata_url):
            bodies.outlets.lead_to(int(address.rpartition(":")[2]))
        stored = stand_in.azurite
        if stored is not None:
            stored.opened = bodies.outlets.lead_to
        yield Place(
            plugin="azure",
            properties=stand_in.settings(),
            bodies=bodies,
            held=lambda: sorted(str(one["id"]) for one in stand_in.place.store.inventory()),
            lose=lambda cid: lose(stand_in, cid),
            calls=lambda: [_words(call) for call in stand_in.log.calls()],
            body_of=lambda cid: _id_of(stand_in, cid).lower(),
            blobs=lambda: tuple(stored.moved) if stored is not None else None,
            set_clock_ahead=lambda ahead_s: setattr(stand_in.place.region, "clock_ahead_s", ahead_s),
        )


def _words(call: Call) -> str:
    """Method and type: "PUT virtualMachines"."""
    return f"{call.request.method} {call.request.path.rstrip('/').split('/')[-2]}"


def lose(stand_in: StandIn, cid: str) -> None:
    """Deleted outside compleat, as by another user."""
    place = stand_in.place
    with place.store.lock:
        held = place.store.need(_id_of(stand_in, cid))
        compute.delete_vm(place, held)
        place.store.drop(held.id)
    place.observer.vm_deleted(held.id)


def _id_of(stand_in: StandIn, cid: str) -> str:
    """A CID ends with the VM's name."""
    name = cid.rpartition("/")[2]
    return next(vm.id for vm in stand_in.place.store.of_type(compute.VM) if vm.body["name"] == name)
