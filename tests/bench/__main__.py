"""`make bench`: every figure of docs/decisions and the issue tracker, measured on this machine, beside its target.

Takes names of benches (all without), prints figures; the exit code is 0 whatever they are: timing is not a test.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.bench import (
    aws,
    dns,
    figures,
    many,
    one_group,
    one_group_deploy,
    planning,
    platform,
    rotating,
    schedule,
    starting,
    templates,
    uploads,
)

Bench = Callable[[Path], Iterable[figures.Figure]]


def _schedule(home: Path) -> Iterable[figures.Figure]:
    shares = [schedule.measure(seed).efficiency for seed in range(100)]
    yield figures.Figure(
        name="schedule: lower bound / makespan, 100 seeds, mean",
        value=sum(shares) / len(shares),
        unit="",
        target=0.95,
        is_least=True,
        note=f"least {min(shares):.3f}",
    )


_BENCHES: Mapping[str, Bench] = {
    "starting": starting.figures,
    "planning": planning.figures,
    "schedule": _schedule,
    "platform": platform.figures,
    "rotating": rotating.figures,
    "many": many.figures,
    "one-group": one_group.figures,
    "one-group-deploy": one_group_deploy.figures,
    "aws": aws.figures,
    "dns": dns.figures,
    "uploads": uploads.figures,
    "templates": lambda home: templates.figures(),
}


def main(names: list[str]) -> None:
    """Run the benches and print each figure as it comes."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.stdout.write(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.2f} before\n")
    for name in names or _BENCHES:
        with tempfile.TemporaryDirectory(prefix="compleat-bench-") as folder:
            began = time.monotonic()
            for line in figures.lines(_BENCHES[name](Path(folder))):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
            sys.stdout.write(f"  ({name}: {time.monotonic() - began:.0f} s)\n")


if __name__ == "__main__":
    main(sys.argv[1:])
