"""DNS records reach every VM, wherever the director dies and whichever VM refuses them for a while."""

from dataclasses import replace

from director.model.environments.desired import Desired
from tests.support import flow, wants
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation


def _more() -> Desired:
    """The small deployment with another instance in its first group."""
    small = wants.small()
    first, *rest = small.groups
    return replace(small, groups=(replace(first, instances=first.instances + 1), *rest))


def _addresses_by_vm(simulation: Simulation) -> list[list[str]]:
    """The addresses that each VM knows, sorted."""
    known = []
    for vm in simulation.cloud.inventory().vms:
        dns = simulation.agents.machine_at(vm.created.cid).dns
        rows = dns.document["records"] if dns else ()
        assert isinstance(rows, list | tuple)
        known.append(sorted(str(row[0]) for row in rows if isinstance(row, list)))
    return known


def _there(simulation: Simulation) -> list[str]:
    return sorted(str(net.ip) for vm in simulation.cloud.inventory().vms for net in vm.created.networks)


def test_wherever_the_director_dies_all_vms_know_all_instances_at_the_end() -> None:
    for at in range(3, 160, 11):
        simulation = Simulation()
        flow.deploying(wants.small())(simulation, Deaths())
        deploy = flow.deploying(_more())
        try:
            deploy(simulation, Deaths(at))
        except Death:
            deploy(simulation, Deaths())
        assert deploy(simulation, Deaths()) is None
        there = _there(simulation)
        assert _addresses_by_vm(simulation) == [there] * len(there), at


def test_a_vm_that_refuses_the_records_gets_them_with_the_next_deploy() -> None:
    simulation = Simulation()
    flow.deploying(wants.small())(simulation, Deaths())
    kept = str(wants.small().groups[0].name)
    simulation.agents.conditions.failing.add(("sync_dns", f"{kept}/0"))
    result = flow.deploying(_more())(simulation, Deaths())
    assert result
    assert result.is_done
    assert _addresses_by_vm(simulation).count(_there(simulation)) == len(_there(simulation)) - 1
    simulation.agents.conditions.failing.clear()
    again = flow.deploying(_more())(simulation, Deaths())
    assert again
    assert [action.work.kind for action in again.run.plan.actions] == ["publish_dns"]
    assert _addresses_by_vm(simulation) == [_there(simulation)] * len(_there(simulation))
    assert flow.deploying(_more())(simulation, Deaths()) is None
