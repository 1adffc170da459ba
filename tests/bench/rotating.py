"""What a rotation of all secrets costs an app that uses the platform meanwhile.

Takes a home, gives figures.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.support import loaded_platform
from tests.support.environments import local_compleat


def figures(home: Path) -> Iterator[Figure]:
    """Requests of each service that failed, attempts that were repeated, and the longest wait, while all is rotated."""
    compleat = local_compleat(home, "bench")
    compleat.run("up", timeout_s=900).ended()
    try:
        with loaded_platform.loaded(compleat, home) as load:
            took_s = compleat.run("rotate", "--all", "-n", timeout_s=900).ended().took_s
        yield Figure(name="rotate --all of the platform", value=took_s, unit="s")
        for service, tally in load.tallies.items():
            note = f"of {tally['requests']}; {tally['again']} attempts repeated, {tally['refused']} refused logins"
            yield Figure(
                name=f"requests to {service} that failed meanwhile", value=tally["failed"], unit="", target=0, note=note
            )
            yield Figure(name=f"longest request to {service} meanwhile", value=tally["longest_s"], unit="s")
    finally:
        compleat.run("down", "-n").ended()
