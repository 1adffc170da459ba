"""Each problem is found, each of its resolutions does what it says, and one that is cut off is finished."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cpi.contract.values import VmState
from director.errors import AgentError
from director.model.agents.agent_state import AgentState, JobState
from director.model.environments.cloud_problem import (
    RESOLUTIONS,
    ChosenResolution,
    ProblemType,
    Resolution,
)
from director.model.environments.desired import Desired, DiskSpec
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer, Observed
from director.model.environments.state import InstanceRecord
from director.model.tasks.plan import Plan
from director.plan import front
from director.plan.request import InstanceRequest
from tests.unit.director.plan import scenes

Break = Callable[[Observed], Observed]
_SILENT = NoAnswer(code="ssh-refused", why="refused")


def _desired(size_mib: int = 100) -> Desired:
    jobs = (scenes.job("db", scripts=("post-start", "pre-start")),)
    return scenes.deployment(
        replace(scenes.group("db"), jobs=jobs, disk=DiskSpec(size_mib=size_mib)), scenes.group("web", 2)
    )


def _deployed() -> Observed:
    seen = scenes.after(front.make_plan(_desired(), scenes.nothing(), scenes.asked()), scenes.nothing())
    disks = {record.id: tuple(disk.cid for disk in record.disks) for record in seen.state.instances}
    agents = {
        key: AgentState(job_state=JobState.RUNNING, spec={"name": "x"}, disks=cids) for key, cids in disks.items()
    }
    return replace(seen, agents=agents)


def _db(observed: Observed) -> InstanceRecord:
    return next(record for record in observed.state.instances if record.group == "db")


def _without_vm(observed: Observed) -> Observed:
    vm = _db(observed).vm
    assert vm
    loose = tuple(replace(disk, vm_cid=None) for disk in observed.disks)
    agents = {key: agent for key, agent in observed.agents.items() if key != _db(observed).id}
    return replace(
        observed, vms=tuple(each for each in observed.vms if each.created.cid != vm.cid), disks=loose, agents=agents
    )


def _silent(observed: Observed) -> Observed:
    return replace(observed, agents={**observed.agents, _db(observed).id: _SILENT})


def _switched_off(observed: Observed) -> Observed:
    vm = _db(observed).vm
    assert vm
    off = (replace(each, state=VmState.STOPPED) if each.created.cid == vm.cid else each for each in observed.vms)
    return replace(_silent(observed), vms=tuple(off))


def _without_disk(observed: Observed) -> Observed:
    return replace(observed, disks=())


def _detached(observed: Observed) -> Observed:
    return replace(observed, disks=tuple(replace(disk, vm_cid=None) for disk in observed.disks))


def _unmounted(observed: Observed) -> Observed:
    agents = {key: replace(agent, disks=()) for key, agent in observed.agents.items() if isinstance(agent, AgentState)}
    return replace(observed, agents=agents)


def _migrating(observed: Observed) -> Observed:
    """A disk is replaced, and the deploy is cut off before the content has moved."""
    request = scenes.asked("bigger")
    return scenes.after(front.make_plan(_desired(200), observed, request), observed, until="migrate_disk")


def _migrated(observed: Observed) -> Observed:
    request = scenes.asked("bigger")
    return scenes.after(front.make_plan(_desired(200), observed, request), observed, until="detach_disk/db-0/old")


def _recreated_in_part(observed: Observed) -> Observed:
    request = scenes.asked("again", {"db": InstanceRequest.RECREATE})
    return scenes.after(front.make_plan(_desired(), observed, request), observed, until="start/db")


BROKEN: dict[ProblemType, tuple[Break, ...]] = {
    ProblemType.MISSING_VM: (_without_vm,),
    ProblemType.UNRESPONSIVE_AGENT: (_silent, _switched_off),
    ProblemType.UNFINISHED_UPDATE: (_recreated_in_part,),
    ProblemType.MISSING_DISK: (_without_disk,),
    ProblemType.INACTIVE_DISK: (_migrating, _migrated),
    ProblemType.MOUNT_INFO_MISMATCH: (_detached, _unmounted),
}
CASES = [
    pytest.param(resolution, broken, id=f"{kind.value}-{resolution.value}-{number}")
    for kind, resolutions in RESOLUTIONS.items()
    for resolution in resolutions
    if resolution is not Resolution.IGNORE
    for number, broken in enumerate(BROKEN[kind])
]


@pytest.mark.parametrize("kind", ProblemType)
def test_a_problem_is_found_by_its_type_and_nothing_else_is(kind: ProblemType) -> None:
    assert front.scan_problems(_deployed()) == ()
    for broken in BROKEN[kind]:
        (found,) = front.scan_problems(broken(_deployed()))
        assert (found.type, found.name) == (kind, "db/0")
        assert found.auto in found.resolutions


@pytest.mark.parametrize(("resolution", "broken"), CASES)
def test_the_same_command_finishes_a_resolution_that_was_cut_off_anywhere(
    resolution: Resolution, broken: Break
) -> None:
    before = broken(_deployed())
    plan = _resolve(before, resolution)
    assert {action.subject for action in plan.actions} == {"db/0"}
    for seen in (before, *scenes.cuts(plan, before), scenes.after(plan, before)):
        cut = _as_broken(seen, before)
        again = _answering(scenes.after(_resolve(cut, resolution, interrupted=plan), cut))
        deployed = _answering(scenes.after(front.make_plan(_desired(), again, scenes.asked("next")), again))
        assert front.scan_problems(deployed) == ()
        assert front.make_plan(_desired(), deployed, scenes.asked("last")).is_empty


def test_nothing_is_done_about_what_is_ignored() -> None:
    plan = _resolve(_without_vm(_deployed()), Resolution.IGNORE)
    assert (plan.is_empty, plan.kept) == (True, 3)


def test_without_wait_leaves_out_the_wait_and_the_scripts_after_it() -> None:
    waited, unwaited = (
        {action.id.partition("/")[2] for action in _resolve(_without_vm(_deployed()), resolution).actions}
        for resolution in (Resolution.RECREATE_VM, Resolution.RECREATE_VM_WITHOUT_WAIT)
    )
    assert waited - unwaited == {"await_running/db-0", "run_script/db-0/post-start"}


def test_an_ignored_instance_has_no_problems() -> None:
    broken = _without_vm(_deployed())
    records = tuple(replace(record, is_ignored=True) for record in broken.state.instances)
    assert front.scan_problems(replace(broken, state=replace(broken.state, instances=records))) == ()


def test_nothing_is_known_of_what_is_behind_a_silent_jumpbox() -> None:
    deployed = _deployed()
    hidden = NoAnswer(code=JUMPBOX_SILENT, why="refused")
    with pytest.raises(AgentError, match="The jumpbox does not answer"):
        front.scan_problems(replace(deployed, agents=dict.fromkeys(deployed.agents, hidden)))


def _resolve(observed: Observed, resolution: Resolution, *, interrupted: Plan | None = None) -> Plan:
    """The plan of that resolution of all problems; what it left unfinished is finished."""
    resumed = front.resolved_instances(interrupted) if interrupted else ()
    chosen = [
        ChosenResolution(problem=each, resolution=resolution if resolution in each.resolutions else each.auto)
        for each in front.scan_problems(observed, resumed=resumed)
    ]
    return front.make_resolution_plan(_desired(), observed, scenes.asked("cck"), chosen=chosen)


def _as_broken(seen: Observed, before: Observed) -> Observed:
    """The agents that answer what they did before; those of new VMs answer."""
    vm, old = _db(seen).vm, _db(before).vm
    answering = _answering(seen)
    is_same = vm is not None and old is not None and vm.cid == old.cid
    is_silent = is_same and isinstance(before.agents.get(_db(before).id), NoAnswer) and seen.vms == before.vms
    return _silent(answering) if is_silent else answering


def _answering(observed: Observed) -> Observed:
    """Every agent answers, and reports the disks that are mounted."""
    running = {
        record.id: AgentState(
            job_state=JobState.RUNNING,
            spec={"name": "x"},
            disks=tuple(disk.cid for disk in record.disks if disk.is_mounted),
        )
        for record in observed.state.instances
        if record.vm and observed.vm(record.vm.cid)
    }
    vms = tuple(replace(vm, state=VmState.RUNNING) for vm in observed.vms)
    return replace(observed, agents=running, vms=vms)
