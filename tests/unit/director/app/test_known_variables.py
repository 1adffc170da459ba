"""Options that changed since a secret was generated are a remark: recorded ones, else those its value shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from director.app.checks import known_variables
from director.model.environments.desired import VariableSpec
from director.model.environments.state import DeploymentState, SecretRecord
from director.model.ids import RunId
from director.model.tasks.events import Happening
from director.model.tasks.plan import Plan
from tests.support import wants
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

PREVIOUS = VariableSpec(name="/test/app/former", type="password", options={"previous_of": "/test/app/password"})
WANTED = VariableSpec(name="/test/app/password", type="password", options={"length": 30})
SHORT = SecretRecord(version=1, type="password", options={"length": 12})
SAME = SecretRecord(version=1, type="password", options=WANTED.options)


@pytest.mark.parametrize(
    ("recorded", "shown", "reported"),
    [(None, SHORT, True), (SHORT, SAME, True), (SAME, SHORT, False), (None, SAME, False), (None, None, False)],
)
def test_what_was_recorded_is_compared_and_without_it_what_the_value_shows(
    tmp_path: Path, recorded: SecretRecord | None, shown: SecretRecord | None, *, reported: bool
) -> None:
    simulation = Simulation()
    session = session_of(simulation, tmp_path)
    if shown:
        simulation.vault.shown[WANTED.name] = shown
        simulation.vault.shown[PREVIOUS.name] = shown
    state = DeploymentState(
        environment=wants.ENVIRONMENT,
        deployment=wants.DEPLOYMENT,
        secrets={WANTED.name: recorded, PREVIOUS.name: SHORT} if recorded else {},
    )
    plan = Plan(run=RunId("r"), environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    known_variables.report_outdated(
        session, replace(wants.small(), variables=(WANTED, PREVIOUS)), state=state, plan=plan
    )
    remarks = [each for each in simulation.watcher.events if each.happening is Happening.REMARK]
    assert [each.kind for each in remarks] == ["variable-outdated"] * reported
    assert all("`length: 12`; the manifest has `length: 30`" in each.text for each in remarks)
