"""Addresses move between instances at random, and the process dies or the cloud fails in the middle of it.

Every manifest is refused before any change, or converges; then the records match the cloud.
"""

import contextlib
from dataclasses import replace
from random import Random

import pytest

from cpi.clouds.memory.faults import InjectedFault, RandomFaults
from cpi.contract.values import NetworkKind
from director.errors import InputError
from director.model.environments.desired import Desired, Group, GroupNetwork, IpRange, Network
from tests.chaos import convergence
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation

_STATIC = [f"10.0.0.{last}" for last in range(201, 207)]
_MOST_TRIES = 8


@pytest.mark.parametrize("seed", range(12))
def test_a_death_in_the_middle_of_a_move_loses_no_address(seed: int) -> None:
    random, simulation = Random(seed), Simulation(seed=seed)
    done = 0
    for _ in range(6):
        wanted = _manifest(random)
        try:
            with contextlib.suppress(Death):
                deploying(wanted)(simulation, Deaths(random.randrange(5, 90)))
            _finish(simulation, wanted)
        except InputError:
            continue
        finally:
            _demand_truth(simulation)
        done += 1
        _demand_wanted(simulation, wanted)
    assert done > 0, "every manifest was refused: nothing was tried"


@pytest.mark.parametrize("seed", range(12))
def test_a_cloud_that_fails_in_the_middle_of_a_move_leaves_true_records(seed: int) -> None:
    random, simulation = Random(seed), Simulation(seed=seed)
    deploying(_manifest(random))(simulation, Deaths())
    for _ in range(4):
        wanted = _manifest(random)
        simulation.faults = RandomFaults(
            random=random.random, shares={InjectedFault.NO_CAPACITY: 0.2}, is_sparing_reads=True
        )
        with contextlib.suppress(InputError):
            deploying(wanted)(simulation, Deaths())
        simulation.faults = Simulation().faults
        _demand_truth(simulation)
        with contextlib.suppress(InputError):
            _finish(simulation, wanted)
            _demand_wanted(simulation, wanted)


def _finish(simulation: Simulation, wanted: Desired) -> None:
    for _ in range(_MOST_TRIES):
        result = deploying(wanted)(simulation, Deaths())
        if result is None:
            return
        assert result.is_done, f"it failed, though nothing was wrong: {result.failures}"
    raise AssertionError(f"not done after {_MOST_TRIES} tries")


def _demand_truth(simulation: Simulation) -> None:
    """A record's address is its VM's, by the cloud's own word, once no run is open."""
    world = simulation.process()
    if world.journal.unfinished_run(wants.ENVIRONMENT, wants.DEPLOYMENT):
        return
    has = {vm.created.cid: {net.name: net.ip for net in vm.created.networks} for vm in simulation.cloud.inventory().vms}
    state = world.store.load_deployment(wants.ENVIRONMENT, wants.DEPLOYMENT)
    with_vm = [record for record in state.instances if record.vm] if state else []
    assert {one.name: dict(one.addresses) for one in with_vm} == {
        one.name: has[one.vm.cid] for one in with_vm if one.vm
    }


def _demand_wanted(simulation: Simulation, wanted: Desired) -> None:
    _demand_truth(simulation)
    assert convergence.wrongs(simulation, convergence.ending_of(simulation)) == []
    there = [net.ip for vm in simulation.cloud.inventory().vms for net in vm.created.networks]
    listed = {ip for group in wanted.groups for net in group.networks for ip in net.static_ips}
    assert len(set(there)) == len(there)
    assert listed <= set(there)


def _manifest(random: Random) -> Desired:
    """Up to three groups in any order, static or not; some have a disk, one a former name."""
    free = random.sample(_STATIC, k=len(_STATIC))
    names = random.sample(["a", "b", "c", "d"], k=4)
    count = random.randint(1, 3)
    groups = [_group(random, name, free) for name in names[:count]]
    if random.random() < 0.3:
        groups[0] = replace(groups[0], migrated_from=(names[-1],))
    plain = wants.desired(*groups)
    (network,) = plain.networks
    subnet = replace(network.subnets[0], static=(IpRange(first="10.0.0.201", last="10.0.0.250"),))
    manual: Network = replace(network, kind=NetworkKind.MANUAL, subnets=(subnet,))
    return replace(plain, networks=(manual,), variables=())


def _group(random: Random, name: str, free: list[str]) -> Group:
    size = random.randint(0, 2)
    static = tuple(free.pop() for _ in range(size)) if random.random() < 0.7 else ()
    update = replace(wants.POLICY, is_serial=random.random() < 0.5)
    plain = wants.group(name, size, wants.job(name), disk_mib=1024 if name in "ad" else 0, update=update)
    network = GroupNetwork(name="default", static_ips=static, defaults=("dns", "gateway"))
    return replace(plain, networks=(network,))
