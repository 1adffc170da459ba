"""The AWS emulator with bodies.

Takes nothing, gives a Place that ends with the block.
"""

import contextlib
import re
from collections.abc import Iterator

from tests.e2e.clouds.place import Place
from tests.support.aws import emulator as emulators
from tests.support.bodies.aws_observer import BodyObserver
from tests.support.bodies.bodies import Bodies

_BLOB = re.compile(r"(GET|PUT) /[^/]+/(sha256/[0-9a-f]+)")


@contextlib.contextmanager
def opened() -> Iterator[Place]:
    """A fresh account."""
    with emulators.emulated() as emulator, contextlib.closing(Bodies()) as bodies:
        emulator.front.observer = BodyObserver(bodies)
        bodies.outlets.lead_to(emulator.port)
        yield Place(
            plugin="aws",
            properties=emulator.settings(),
            bodies=bodies,
            held=lambda: [f"{one.kind} {one.id}" for one in emulator.inventory()],
            lose=emulator.vanish,
            calls=emulator.calls,
            blobs=lambda: [f"{call[1]} {call[2]}" for call in map(_BLOB.fullmatch, emulator.calls()) if call],
        )
