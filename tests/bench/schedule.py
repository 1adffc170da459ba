"""How near a first deploy's schedule comes to the shortest there can be, in virtual time.

Takes a number of seeds, prints lower bound / makespan: 17 groups, 31 instances, 30 releases, cloud calls of 25 to 90 s.
The bound is the longest of: the critical path, the compile work spread over its VMs, each gate's work over its width;
durations are those measured in the run itself. How long packages compile is known from earlier runs.
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from director.execute import order
from director.model.environments.desired import Count, Desired, PackageNeed
from director.model.ids import ActionId, RunId
from director.model.tasks.entries import Begun, Done
from director.model.tasks.plan import Action, Plan
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation

SIZES = (5, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)
RELEASES = 30
WORKERS = 6


def platform() -> Desired:
    """17 groups with 31 instances, 30 releases with one package each, every third needing the one before."""
    packages: list[PackageNeed] = []
    for number in range(RELEASES):
        needs = packages[-1:] if number % 3 == 2 else []
        packages.append(wants.package(f"package-{number}", *needs, release=f"release-{number}"))
    policy = replace(wants.POLICY, is_serial=False, canaries=Count(number=1), max_in_flight=Count(number=2))
    groups = []
    for number, size in enumerate(SIZES):
        mine = [packages[number], packages[(number + 13) % RELEASES]]
        job = wants.job(f"job-{number}", *mine)
        disk_mib = 1024 if number % 4 == 0 else 0
        groups.append(wants.group(f"group-{number}", size, job, disk_mib=disk_mib, update=policy))
    return wants.desired(*groups, packages=tuple(packages), workers=WORKERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`bounds_s` by name; the shortest schedule takes at least the longest of them."""

    makespan_s: float
    bounds_s: Mapping[str, float]

    @property
    def efficiency(self) -> float:
        """Lower bound over makespan."""
        return max(self.bounds_s.values()) / self.makespan_s


def measure(seed: int) -> Measured:
    """Run one first deploy and compare."""
    random = Random(seed)
    took_before_s = {f"package-{number}": random.uniform(25.0, 90.0) for number in range(RELEASES)}
    simulation = Simulation(seed=seed, compile_times_s=took_before_s)
    simulation.agents.conditions.compile_s = took_before_s
    result = deploying(platform())(simulation, Deaths())
    assert result is not None and result.is_done, result and result.failures
    entries = simulation.process().journal.read_entries(RunId("r1"))
    begun = {entry.action: entry.at for entry in reversed(entries) if isinstance(entry, Begun)}
    done = {entry.action: entry.at for entry in entries if isinstance(entry, Done)}
    took = {action: done[action] - begun[action] for action in done}
    return Measured(
        makespan_s=max(done.values()) - min(begun.values()),
        bounds_s=_bounds(result.run.plan, took),
    )


def _bounds(plan: Plan, took: Mapping[ActionId, float]) -> Mapping[str, float]:
    timed = replace(plan, actions=tuple(replace(action, estimate_s=took[action.id]) for action in plan.actions))
    tails = order.remaining_estimates(timed)
    heads = _heads(timed)
    bounds = {"critical path": max(tails.values())}
    pooled = [action for action in timed.actions if action.is_using_pool]
    joined_s = [heads[action.id] + action.estimate_s for action in timed.actions if action.is_joining_pool]
    if pooled:
        work_s = sum(action.estimate_s for action in pooled)
        bounds["compiling"] = (work_s + sum(joined_s)) / len(joined_s) + _least_tail(pooled, tails)
    by_gate: dict[str, list[Action]] = defaultdict(list)
    for action in timed.actions:
        if action.gate:
            by_gate[action.gate].append(action)
    for gate in timed.gates:
        inside = by_gate[gate.name]
        head = min(heads[action.id] for action in inside)
        bounds[gate.name] = head + sum(action.estimate_s for action in inside) / gate.width
    return bounds


def _heads(plan: Plan) -> Mapping[ActionId, float]:
    """For each action the seconds of the longest path before it."""
    heads: dict[ActionId, float] = {}
    took = {action.id: action.estimate_s for action in plan.actions}
    for action in plan.actions:
        heads[action.id] = max((heads[before] + took[before] for before in action.after), default=0.0)
    return heads


def _least_tail(actions: list[Action], tails: Mapping[ActionId, float]) -> float:
    return min(tails[action.id] - action.estimate_s for action in actions)


def report(seeds: int) -> str:
    """The figures in a few lines."""
    measured = [measure(seed) for seed in range(seeds)]
    shares = sorted(one.efficiency for one in measured)
    binding = statistics.multimode(max(one.bounds_s, key=lambda name: one.bounds_s[name]) for one in measured)
    return (
        f"schedule efficiency over {seeds} seeds: mean {statistics.mean(shares):.3f}, least {shares[0]:.3f}, "
        f"most {shares[-1]:.3f}; makespan {statistics.mean(one.makespan_s for one in measured):.0f} s; "
        f"usually bound by {', '.join(binding)}"
    )


if __name__ == "__main__":
    sys.stdout.write(report(int(sys.argv[1]) if len(sys.argv) > 1 else 100) + "\n")
