"""The loop of a run begins nothing once it is cancelled."""

import pytest

from director.execute import front as executing
from director.execute.execution import Execution
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import RunId
from director.model.tasks.entries import Run
from director.ports.runner import Interrupted
from tests.support import wants
from tests.support.callers import calling
from tests.support.flow import plan_for
from tests.support.simulation import Simulation


def test_a_run_that_was_cancelled_before_its_first_call_begins_none() -> None:
    simulation = Simulation()
    world = simulation.process()
    state = DeploymentState(environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    plan = plan_for(wants.small(), Observed(state=state, seen_at=0.0), run_id=RunId("r1"), simulation=simulation)
    run = Run(id=plan.run, environment=plan.environment, deployment=plan.deployment, started_at=0.0, plan=plan)
    with world.store.hold_lease(wants.ENVIRONMENT, wants.DEPLOYMENT, caller=calling("deploy")) as lease:
        execution = Execution(run=run, lease=lease, state=state, environment=simulation.environment)
        world.runner.cancel()
        with pytest.raises(Interrupted):
            executing.execute_plan(world, execution)
    assert world.journal.read_entries(run.id) == ()
    assert world.journal.unfinished_run(wants.ENVIRONMENT, wants.DEPLOYMENT) is not None
