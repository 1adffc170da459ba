"""What every Plans promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from director.actions.apply import Apply
from director.model.environments.desired import Count
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, EnvironmentName, RunId
from director.model.releases.release import ReleaseJob
from director.model.secret_ref import SecretRef
from director.model.tasks.plan import Action, Plan
from director.model.tasks.stored_plan import KEPT_DAYS, KEPT_PLANS, PlanOptions, StoredPlan
from director.ports.plans import Plans
from tests.contract.state_store.stores import STORES
from tests.support import wants
from tests.support.callers import calling
from tests.support.flow import plan_for
from tests.support.simulation import Simulation

HOME, AWAY = EnvironmentName("home"), EnvironmentName("away")
DAY_S = 86_400.0


@pytest.fixture(params=STORES)
def plans(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plans]:
    stores = STORES[request.param](tmp_path)
    yield stores.plans
    stores.close()


def test_a_plan_is_read_back_as_it_was_stored_with_its_number_and_digest(plans: Plans) -> None:
    stored = StoredPlan(
        caller=calling("plan app.yml --save"),
        plan=_whole_plan(),
        options=PlanOptions(
            skip_drain=frozenset({"web", "db"}), canaries=Count(number=2), compile_times_s={"ruby": 3.5}
        ),
        basis={"vm": {"web/0": "abc"}, "release": {}},
        values={"size": "small", "login": {"key": SecretRef(name="/home/app/key")}},
    )
    saved = plans.save_plan(stored)
    assert saved == replace(stored, number=1, digest=plans.digest_of(stored.plan))
    found = plans.load_plan(1)
    assert found is not None
    assert found == replace(saved, plan=_without_files(saved.plan))
    assert plans.load_plan(2) is None


def test_a_digest_tells_plans_apart_by_the_bytes_of_their_files(plans: Plans) -> None:
    plan = _whole_plan()
    assert plans.digest_of(plan) == plans.digest_of(_whole_plan())
    assert plans.digest_of(plan) != plans.digest_of(_without_files(plan))


def test_the_newest_plans_of_each_deployment_are_kept_and_no_number_is_given_twice(plans: Plans) -> None:
    other = plans.save_plan(_stored("other", at=0.0))
    numbers = [plans.save_plan(_stored("app", at=1.0)).number for _ in range(KEPT_PLANS + 2)]
    away = plans.save_plan(_stored("app", at=1.0, environment=AWAY))
    kept = [number for number in range(away.number + 1) if plans.load_plan(number)]
    assert kept == [other.number, *numbers[2:], away.number]
    assert numbers == list(range(2, KEPT_PLANS + 4))


def test_a_plan_that_is_too_old_goes_when_the_next_one_is_stored_and_the_newest_stays(plans: Plans) -> None:
    old, young = (plans.save_plan(_stored(name, at=at)) for name, at in (("app", 0.0), ("other", 2 * DAY_S)))
    newest = plans.save_plan(_stored("third", at=(KEPT_DAYS + 1) * DAY_S))
    assert [plans.load_plan(each.number) is not None for each in (old, young, newest)] == [False, True, True]
    last = plans.save_plan(_stored("third", at=100 * DAY_S))
    assert (last.number, plans.load_plan(newest.number)) == (4, None)


def _stored(deployment: str, *, at: float, environment: EnvironmentName = HOME) -> StoredPlan:
    plan = Plan(run=RunId(f"r{at}"), environment=environment, deployment=DeploymentName(deployment))
    return StoredPlan(caller=replace(calling("plan"), at=at), plan=plan, options=PlanOptions(), basis={})


def _whole_plan() -> Plan:
    state = DeploymentState(environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    observed = Observed(state=state, seen_at=0.0)
    return plan_for(wants.small(), observed, run_id=RunId("r1"), simulation=Simulation())


def _without_files(plan: Plan) -> Plan:
    """The plan with each file empty, as it is read back: bytes are stored as their digests."""
    return replace(plan, actions=tuple(map(_without_content, plan.actions)))


def _without_content(action: Action) -> Action:
    work = action.work
    if not isinstance(work, Apply):
        return action
    jobs = tuple(replace(job, source=_empty(job.source)) for job in work.spec.jobs)
    return replace(action, work=replace(work, spec=replace(work.spec, jobs=jobs)))


def _empty(job: ReleaseJob) -> ReleaseJob:
    return replace(job, monit=b"", templates=tuple(replace(each, content=b"") for each in job.templates))
