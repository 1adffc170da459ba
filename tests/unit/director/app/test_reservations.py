"""Deployments planned at the same time never get the same address."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from director.actions.create_vm import CreateVm
from director.app.sessions.session import Session
from director.app.tasks import reservations, running
from director.app.tasks.running import HeldDeployment
from director.errors import AddressesTakenError, LockedError
from director.model.environments.desired import Desired
from director.model.ids import DeploymentName, RunId
from director.model.tasks.entries import Begun
from director.model.tasks.events import Happening
from director.model.tasks.plan import Plan
from director.observe import front as observing
from director.observe import other_deployments
from tests.support import wants
from tests.support.callers import calling
from tests.support.flow import plan_for
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

NAMES = ("first", "second", "third")


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def session(simulation: Simulation, tmp_path: Path) -> Session:
    simulation.store.environments[wants.ENVIRONMENT] = simulation.environment
    return session_of(simulation, tmp_path)


def _wanted(name: str) -> Desired:
    return replace(wants.small(), deployment=DeploymentName(name))


def _planned(session: Session, simulation: Simulation, held: HeldDeployment, name: str) -> Plan:
    environment = simulation.environment
    observed = observing.observe_world(session.world, environment, desired=_wanted(name), state=held.state)
    simulation.runs += 1
    return plan_for(_wanted(name), observed, run_id=RunId(f"r{simulation.runs}"), simulation=simulation)


def test_three_deployments_planned_at_once_are_all_carried_out_on_addresses_of_their_own(
    session: Session, simulation: Simulation
) -> None:
    with ExitStack() as stack:
        held = {
            name: stack.enter_context(
                running.hold_deployment(session, simulation.environment, DeploymentName(name), caller=calling("deploy"))
            )
            for name in NAMES
        }
        plans = {name: [_planned(session, simulation, held[name], name)] for name in NAMES}
        first, *others = (plans[name][0].reserved() for name in NAMES)
        assert others == [first, first], "each was planned as if it were alone"
        for name in NAMES:

            def attempt(name: str = name) -> None:
                early = plans[name].pop() if plans[name] else _planned(session, simulation, held[name], name)
                running.run_plan(session, held[name], early)

            reservations.again_while_taken(session, attempt)
    there = [net.ip for vm in simulation.cloud.inventory().vms for net in vm.created.networks]
    assert len(there) == len(set(there)) == 9
    remarks = [event.kind for event in simulation.watcher.events if event.happening is Happening.REMARK]
    assert remarks == ["addresses-taken-meanwhile"] * 2


def test_a_run_that_is_under_way_reserves_what_its_vms_and_compile_vms_are_to_have(
    session: Session, simulation: Simulation
) -> None:
    with (
        running.hold_deployment(
            session, simulation.environment, DeploymentName("first"), caller=calling("deploy")
        ) as one,
        running.hold_deployment(
            session, simulation.environment, DeploymentName("second"), caller=calling("deploy")
        ) as two,
    ):
        plan, late = (_planned(session, simulation, *each) for each in ((one, "first"), (two, "second")))
        run = running.new_run(session, one, plan)
        session.world.journal.begin_run(one.lease, run)
        assert not plan.reserved()["default"] & _planned(session, simulation, two, "second").reserved()["default"]
        with pytest.raises(AddressesTakenError) as caught:
            running.run_plan(session, two, late)
        assert session.world.journal.unfinished_run(simulation.environment.name, DeploymentName("second")) is None
        assert caught.value.what.startswith("Another deployment has taken 10.0.0.2, 10.0.0.3, ")


def test_a_run_whose_process_died_reserves_only_what_may_have_come_to_be(
    session: Session, simulation: Simulation
) -> None:
    world = session.world
    with running.hold_deployment(
        session, simulation.environment, DeploymentName("first"), caller=calling("deploy")
    ) as one:
        plan = _planned(session, simulation, one, "first")
        world.journal.begin_run(one.lease, running.new_run(session, one, plan))
        created = next(action for action in plan.actions if isinstance(action.work, CreateVm))
        world.journal.append(one.lease, plan.run, [Begun(action=created.id, at=1.0)])
    with running.hold_deployment(
        session, simulation.environment, DeploymentName("second"), caller=calling("deploy")
    ) as two:
        assert isinstance(created.work, CreateVm)
        taken = {net.ip for net in created.work.request.networks}
        assert other_deployments.taken_addresses(world, two.state) == {"default": taken}
        running.run_plan(session, two, _planned(session, simulation, two, "second"))
    there = {net.ip for vm in simulation.cloud.inventory().vms for net in vm.created.networks}
    assert not there & taken


def test_whoever_reserves_waits_for_the_other_and_not_for_ever(session: Session, simulation: Simulation) -> None:
    with running.hold_deployment(
        session, simulation.environment, DeploymentName("first"), caller=calling("deploy")
    ) as held:
        plan = _planned(session, simulation, held, "first")
        with (
            reservations.reserving(session, held.state, plan, caller=calling("one")),
            pytest.raises(LockedError),
            reservations.reserving(session, held.state, plan, caller=calling("other")),
        ):
            pytest.fail("two were in it at once")
