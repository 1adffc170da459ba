"""How long `up` takes, cold and with caches, and `down`.

Takes a home, gives figures. "Cold" means no compiled package; downloads are finished before, as the target says.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.support.command import Compleat
from tests.support.environments import local_compleat


def figures(home: Path) -> Iterator[Figure]:
    """Cold, down, cached, unchanged, down."""
    compleat = local_compleat(home, "bench")
    compleat.run("up", timeout_s=900).ended()
    compleat.run("down", "-n").ended()
    shutil.rmtree(home / "blobs" / "compiled")
    yield Figure(name="up without compiled packages", value=_took(compleat, "up"), unit="s", target=10)
    yield Figure(name="up again, nothing to change", value=_took(compleat, "up"), unit="s", target=2)
    yield Figure(name="down", value=_took(compleat, "down", "-n"), unit="s", target=1.5)
    yield Figure(name="up with caches", value=_took(compleat, "up"), unit="s", target=6)
    compleat.run("down", "-n").ended()


def _took(compleat: Compleat, *words: str) -> float:
    return compleat.run(*words, timeout_s=900).ended().took_s
