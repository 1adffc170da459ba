"""`adopt` after a state was lost or restored from an older backup: nothing is created or deleted, and the next plan is
empty."""

import contextlib
import copy
from dataclasses import dataclass, replace

import pytest

from cpi.contract.values import VmRequest
from director.errors import StateError
from director.model.environments.desired import Desired
from tests.chaos.scenes import scenes
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.flow import adopting, deploying
from tests.support.memory_journal import JournalDisk
from tests.support.memory_store import StoreDisk
from tests.support.simulation import Simulation

SMALL, CHANGED = wants.small(), wants.small_changed()


@pytest.mark.parametrize("seed", range(3))
def test_a_lost_state_is_rebuilt_and_the_next_plan_is_empty(seed: int) -> None:
    simulation = scenes(seed=seed)["update"].begin()
    before = _inventory(simulation)
    lose_state(simulation)
    _adopt_and_compare(simulation, SMALL, before)


def test_a_rebuilding_killed_anywhere_is_continued_by_the_same_command() -> None:
    whole = scenes()["update"].begin()
    lose_state(whole)
    undisturbed = Deaths()
    adopting(SMALL)(whole, undisturbed)
    for at in range(1, len(undisturbed.passed) + 1):
        simulation = scenes()["update"].begin()
        before = _inventory(simulation)
        lose_state(simulation)
        with contextlib.suppress(Death):
            adopting(SMALL)(simulation, Deaths(at))
        _adopt_and_compare(simulation, SMALL, before)


@pytest.mark.parametrize("at", [0, *range(1, 200, 9)])
def test_beside_a_newer_cloud_an_older_state_harms_nothing(at: int) -> None:
    """The state of before an update that was done (at 0) or cut off: a deploy is refused, or no disk is lost."""
    simulation = scenes()["update"].begin()
    older = _back_up(simulation)
    with contextlib.suppress(Death):
        deploying(CHANGED)(simulation, Deaths(at or None))
    before = _inventory(simulation)
    _put_back(simulation, older)
    try:
        deploying(CHANGED)(simulation, Deaths())
    except StateError as error:
        assert error.code in ("state-older", "disks-ambiguous", "vms-ambiguous")
        assert _inventory(simulation) == before
    else:
        assert before[1] <= _inventory(simulation)[1]


def test_an_older_state_learns_what_was_made_since() -> None:
    simulation = scenes()["update"].begin()
    older = _back_up(simulation)
    deploying(CHANGED)(simulation, Deaths())
    before = _inventory(simulation)
    _put_back(simulation, older)
    with pytest.raises(StateError) as caught:
        deploying(CHANGED)(simulation, Deaths())
    assert caught.value.code == "state-older"
    _adopt_and_compare(simulation, CHANGED, before)


def test_two_vms_of_one_instance_are_refused() -> None:
    simulation = scenes()["update"].begin()
    vm = next(vm for vm in simulation.cloud.inventory().vms if vm.disk_cids)
    request = VmRequest(
        name="twin",
        owner=replace(vm.owner, action="r9/create_vm/twin"),
        agent_id="twin",
        stemcell_cid=simulation.environment.stemcells[0].cid,
        networks=(replace(vm.created.networks[0], ip="10.0.0.250"),),
        ssh=simulation.environment.ssh,
        tags=vm.tags,
    )
    simulation.cloud.create_vm(request)
    lose_state(simulation)
    with pytest.raises(StateError) as caught:
        adopting(SMALL)(simulation, Deaths())
    assert caught.value.code == "vms-ambiguous"


def test_a_manifest_that_is_not_the_deployed_one_leaves_the_difference_to_deploy() -> None:
    simulation = scenes()["update"].begin()
    before = _inventory(simulation)
    lose_state(simulation)
    adopting(CHANGED)(simulation, Deaths())
    assert _inventory(simulation) == before
    for record in simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT].instances:
        given = simulation.agents.disk.machines[record.vm.cid].spec if record.vm else {}
        assert record.applied is None or record.applied.configuration_hash == given["configuration_hash"]
    result = deploying(CHANGED)(simulation, Deaths())
    assert result is not None
    assert result.failures == {}
    assert before[1] <= _inventory(simulation)[1]


def _adopt_and_compare(simulation: Simulation, desired: Desired, before: object) -> None:
    result = adopting(desired)(simulation, Deaths())
    assert result is None or result.failures == {}
    assert _inventory(simulation) == before
    assert deploying(desired)(simulation, Deaths()) is None, "the next plan is empty"
    assert _inventory(simulation) == before


def lose_state(simulation: Simulation) -> None:
    simulation.store.deployments.clear()
    for kept in (simulation.journal.runs, simulation.journal.ends, simulation.journal.lines):
        kept.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backup:
    """What a backup has of a state."""

    store: StoreDisk
    journal: JournalDisk


def _back_up(simulation: Simulation) -> _Backup:
    return copy.deepcopy(_Backup(store=simulation.store, journal=simulation.journal))


def _put_back(simulation: Simulation, older: _Backup) -> None:
    """The state as it was then; who holds which lease is no part of it."""
    lose_state(simulation)
    simulation.store.deployments.update(older.store.deployments)
    simulation.journal.runs.update(older.journal.runs)
    simulation.journal.ends.update(older.journal.ends)
    simulation.journal.lines.update(older.journal.lines)


def _inventory(simulation: Simulation) -> tuple[frozenset[str], frozenset[str]]:
    found = simulation.cloud.inventory()
    return frozenset(str(vm.created.cid) for vm in found.vms), frozenset(str(disk.cid) for disk in found.disks)
