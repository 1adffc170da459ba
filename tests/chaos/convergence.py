"""Die, start again, and compare what the cloud has with what it should have.

Takes commands and simulations, gives problems as text; none if everything is well.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cpi.clouds.memory.faults import CloudCall
from director.errors import StateError
from director.execute import resume
from director.model.environments.observed import INSTANCE_TAG, ORPHAN_TAG
from director.model.environments.state import DeploymentState
from director.model.tasks.entries import Begun
from director.model.tasks.task import TaskState
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.flow import Command
from tests.support.simulation import Simulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT

MOST_TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`begin` makes a world, deployed or not; `command` is what dies in it."""

    begin: Callable[[], Simulation]
    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is there at the end, told without ids that differ from run to run."""

    machines: tuple[tuple[str, ...], ...]
    disks: tuple[tuple[str, ...], ...]
    orphans: int


def boundaries_of(inputs: Scene) -> tuple[str, ...]:
    """All boundaries that the command passes when nothing kills it."""
    deaths = Deaths()
    inputs.command(inputs.begin(), deaths)
    return tuple(deaths.passed)


def problems_after_death(inputs: Scene, at: int, expected: Ending) -> list[str]:
    """Die at boundary `at`, run the same command until it is done, and say what is wrong then."""
    simulation = inputs.begin()
    deaths = Deaths(at)
    with contextlib.suppress(Death):
        inputs.command(simulation, deaths)
    assert deaths.has_struck, "the boundary was never reached: nothing was tried"
    return [f"after dying at {at} ({deaths.passed[-1]}): {wrong}" for wrong in finish(inputs, simulation, expected)]


def finish(inputs: Scene, simulation: Simulation, expected: Ending) -> list[str]:
    """Run the command until there is nothing left to do; a person helps where only a person can."""
    for _ in range(MOST_TRIES):
        try:
            if inputs.command(simulation, Deaths()) is None:
                return wrongs(simulation, expected)
        except StateError as error:
            if error.code != resume.UNCERTAIN:
                raise
            ask_a_person(simulation)
    return [f"not done after {MOST_TRIES} tries"]


def wrongs(simulation: Simulation, expected: Ending) -> list[str]:
    """Twins, orphans, records of nothing, lost content, and any other end than expected."""
    ending = ending_of(simulation)
    differs = [] if ending == expected else [f"ended as {ending}, expected {expected}"]
    return [*_twins(simulation), *_unowned(simulation), *_lost_content(simulation), *differs]


def ending_of(simulation: Simulation) -> Ending:
    """What the cloud has, by its own word."""
    records = {record.id: record for record in _state(simulation).instances}
    inventory = simulation.cloud.inventory()
    machines = []
    for vm in inventory.vms:
        record = records.get(vm.tags.get(INSTANCE_TAG, ""))  # type: ignore[call-overload]
        inside = simulation.agents.disk.machines.get(vm.created.cid)
        machines.append(
            (
                record.name if record else "unknown",
                str(simulation.cloud.resources.vm(vm.created.cid).request.cloud_properties),
                inside.job_state.value if inside else "never reached",
                str(inside.spec.get("jobs") if inside else ""),
                str(len(vm.disk_cids)),
            )
        )
    used = [(str(disk.size_mib), str(bool(disk.vm_cid))) for disk in inventory.disks if ORPHAN_TAG not in disk.tags]
    orphans = sum(ORPHAN_TAG in disk.tags for disk in inventory.disks)
    return Ending(machines=tuple(sorted(machines)), disks=tuple(sorted(used)), orphans=orphans)


def ask_a_person(simulation: Simulation) -> None:
    """Look for what calls in doubt may have made, delete it in the cloud, and close the run."""
    world = simulation.process()
    run = world.journal.unfinished_run(ENVIRONMENT, DEPLOYMENT)
    assert run is not None
    doubtful = {action.id for action in resume.open_actions(run.plan, world.journal.read_entries(run.id))}
    for vm in simulation.cloud.inventory().vms:
        if vm.owner.action in doubtful:
            simulation.cloud.vanish_vm(vm.created.cid)
    for disk in simulation.cloud.inventory().disks:
        if disk.owner.action in doubtful:
            del simulation.cloud.resources.disks[disk.cid]
    with world.store.hold_lease(ENVIRONMENT, DEPLOYMENT, caller=calling("cancel-task")) as lease:
        world.journal.end_run(lease, run.id, state=TaskState.CANCELLED, result="a person looked", ended_at=0.0)


@dataclass(slots=True)
class Witness:
    """Faults that see to it that no creating call leaves before the journal says so."""

    simulation: Simulation
    unrecorded: list[str]

    def before(self, call: CloudCall) -> None:
        if call.method in ("create_vm", "create_disk") and not self._is_recorded(call.subject):
            self.unrecorded.append(f"{call.method} of {call.subject} left before it was on record")

    def after(self, call: CloudCall) -> None:
        """Nothing to see."""

    def _is_recorded(self, action: str) -> bool:
        mark = f'"{action}"'
        begun = f'"type": "{Begun.__dataclass_fields__["type"].default}"'
        lines = (line for lines in self.simulation.journal.lines.values() for line in lines)
        return any(mark in line and begun in line for line in lines)


def _twins(simulation: Simulation) -> list[str]:
    tags = [vm.tags.get(INSTANCE_TAG, vm.created.cid) for vm in simulation.cloud.inventory().vms]
    return [f"instance {tag} has {count} VMs" for tag, count in Counter(tags).items() if count > 1]


def _unowned(simulation: Simulation) -> list[str]:
    state, inventory = _state(simulation), simulation.cloud.inventory()
    vms = {record.vm.cid for record in state.instances if record.vm} | {vm.cid for vm in state.compilers.values()}
    disks = {disk.cid for record in state.instances for disk in record.disks}
    there = {vm.created.cid for vm in inventory.vms}
    stray_disks = [disk.cid for disk in inventory.disks if disk.cid not in disks and ORPHAN_TAG not in disk.tags]
    return [
        *_each("VM {} is in the cloud and in no record", there - vms),
        *_each("VM {} is on record and not in the cloud", vms - there),
        *_each("disk {} is in the cloud and in no record", stray_disks),
        *_each("disk {} is on record and not in the cloud", disks - {disk.cid for disk in inventory.disks}),
    ]


def _lost_content(simulation: Simulation) -> list[str]:
    births = simulation.agents.disk.contents.births
    return [f"{instance} began with an empty disk {count} times" for instance, count in births.items() if count > 1]


def _each(words: str, cids: Iterable[str]) -> list[str]:
    return [words.format(cid) for cid in sorted(cids)]


def _state(simulation: Simulation) -> DeploymentState:
    empty = DeploymentState(environment=ENVIRONMENT, deployment=DEPLOYMENT)
    return simulation.store.deployments.get((ENVIRONMENT, DEPLOYMENT), empty)
