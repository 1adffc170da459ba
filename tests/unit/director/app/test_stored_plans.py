"""A stored plan is applied exactly as it is, once, or refused with the names of what moved."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director import errors
from director.app.use_cases import plan_files, stored_plans
from director.app.use_cases.plan_files import PlanFile
from director.app.use_cases.stored_plans import StoredPlanRequest
from director.errors import InputError, WrongUseError
from director.model.documents import Source
from director.model.environments.environment import Environment
from director.model.ids import DeploymentName, EnvironmentName
from director.model.tasks.entries import Begun
from director.model.tasks.task import TaskState
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.stored_plans import CLOUD_CONFIG, Lab, changed_release
from tests.support.wants import ENVIRONMENT

APP = DeploymentName("app")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(Simulation(), tmp_path)


def test_a_stored_plan_is_applied_exactly_as_it_was_stored(lab: Lab) -> None:
    stored = lab.store()
    assert (stored.number, stored.plan.deployment) == (1, "app")
    assert lab.session().world.store.load_deployment(ENVIRONMENT, APP) is None, "storing a plan makes nothing"
    deployed = lab.apply(1)
    assert deployed.report is not None
    journal = lab.session().world.journal
    (run,) = journal.list_runs(ENVIRONMENT, deployment=APP)
    whole = journal.load_run(ENVIRONMENT, run.number)
    assert whole is not None
    assert (run.id, run.stored_plan, run.state) == (stored.plan.run, 1, TaskState.DONE)
    assert whole.plan == lab.session().world.plans.load_plan(1).plan  # type: ignore[union-attr]
    assert not lab.deploy().report, "the deploy of its manifest has nothing to do"


def test_a_plan_in_a_file_is_applied_and_a_changed_or_foreign_one_refused(lab: Lab, tmp_path: Path) -> None:
    text = plan_files.write_plan_file(lab.store())
    file = _plan_file(text)
    assert (file.number, "create_vm" in text) == (1, True)
    for changed in (text.replace("create_vm", "delete_vm", 1), text.replace('"digest": "', '"digest": "0', 1)):
        with pytest.raises(InputError) as caught:
            lab.apply(1, file=_plan_file(changed))
        assert caught.value.code == "plan-file-damaged"
    (tmp_path / "other").mkdir()
    foreign = Lab(Simulation(seed=2), tmp_path / "other")
    foreign.store()
    with pytest.raises(InputError) as caught:
        foreign.apply(1, file=file)
    assert caught.value.code == "plan-file-damaged"
    assert lab.apply(1, file=file).report is not None


def test_what_is_no_plan_file_is_read_as_a_manifest_and_a_damaged_one_refused() -> None:
    for content in (b"name: web", b"{name: web}", b'{"name": "web"}', b"[1]", b"{"):
        assert plan_files.read_plan_file(Source(name="m", content=content)) is None
    for content, code in (
        (b'{"schema": "compleat.plan-file/2"}', "plan-file-version"),
        (b'{"schema": "compleat.plan-file/1", "id": "x"}', "plan-file-damaged"),
    ):
        with pytest.raises(InputError) as caught:
            plan_files.read_plan_file(Source(name="m", content=content))
        assert caught.value.code == code


def _plan_file(text: str) -> PlanFile:
    file = plan_files.read_plan_file(Source(name="web.plan", content=text.encode()))
    assert file is not None
    return file


def test_a_plan_is_used_up_once_it_was_applied(lab: Lab) -> None:
    lab.store()
    lab.apply(1)
    assert _refusal(lab, 1) == [("plan-used", "Plan 1 was applied before.")]
    lab.deploy(instances=3)
    assert _refusal(lab, 1) == [("plan-used", "Plan 1 was applied before.")]


def test_secrets_are_names_in_a_stored_plan(lab: Lab) -> None:
    lab.deploy()
    lab.store(instances=3)
    value = str(lab.session().world.vault.get_secret("/test/app/token"))
    text = lab.simulation.plans.plans[1]
    assert "/test/app/token" in text
    assert value not in text


@pytest.mark.parametrize("deaths", [3, 12, 25, 40])
def test_a_plan_that_was_killed_in_the_middle_is_continued_by_the_same_command(lab: Lab, deaths: int) -> None:
    lab.store()
    with pytest.raises(Death):
        lab.apply(1, deaths=Deaths(at=deaths))
    lab.apply(1)
    assert lab.deploy().report is None
    assert len(lab.simulation.cloud.inventory().vms) == 3
    assert _refusal(lab, 1)[0][0] == "plan-used"


def test_a_plan_that_was_killed_is_continued_by_a_plain_deploy_too_and_then_used_up(lab: Lab) -> None:
    lab.store()
    with pytest.raises(Death):
        lab.apply(1, deaths=Deaths(at=20))
    lab.deploy()
    assert len(lab.simulation.cloud.inventory().vms) == 3
    assert _refusal(lab, 1)[0][0] == "plan-used"


def test_what_is_left_of_a_killed_plan_is_refused_where_its_inputs_moved(lab: Lab) -> None:
    lab.store()
    with pytest.raises(Death):
        lab.apply(1, deaths=Deaths(at=20))
    lab.release = changed_release()
    assert _refusal(lab, 1) == [("plan-outdated", "The content of release 'tools' changed.")]


@pytest.mark.parametrize("after_s", [0.5, 60.0, 150.0])
def test_a_plan_that_was_cancelled_from_elsewhere_starts_nothing_new_and_is_continued(lab: Lab, after_s: float) -> None:
    lab.store()
    lab.cancel_after_s = after_s
    with pytest.raises(ExplainedError) as cancelled:
        lab.apply(1)
    asked_at = lab.simulation.time.interrupt_at
    world = lab.session().world
    (task, *_) = world.tasks.list_tasks(ENVIRONMENT)
    entries = [each for run in world.journal.runs_of_task(task.number) for each in world.journal.read_entries(run.id)]
    assert (cancelled.value.code, task.state) == ("task-cancelled", TaskState.CANCELLED)
    assert asked_at is not None
    assert all(each.at <= asked_at for each in entries if isinstance(each, Begun))
    lab.cancel_after_s = lab.simulation.time.interrupt_at = None
    lab.apply(1)
    assert (lab.deploy().report, len(lab.simulation.cloud.inventory().vms)) == (None, 3)


def test_another_deploy_since_is_named_with_who_ran_it(lab: Lab) -> None:
    lab.deploy()
    lab.store(instances=3)
    lab.simulation.time.at += 10
    lab.deploy(instances=1)
    found = _problems(lab, 1)
    assert found[0].what == "The state of deployment 'app' changed."
    assert found[0].why.startswith("someone@here (pid 1) ran 'deploy app.yml' (task 3).")
    assert {"The VM of web/1 disappeared in the cloud."} <= {each.what for each in found}


def test_a_vm_that_vanished_and_an_environment_that_changed_are_each_named(lab: Lab) -> None:
    lab.deploy()
    lab.store(instances=3)
    state = lab.session().world.store.load_deployment(ENVIRONMENT, APP)
    assert state is not None
    (vm,) = (record.vm for record in state.instances if record.index == 1)
    assert vm is not None
    lab.simulation.cloud.vanish_vm(vm.cid)
    _change_environment(lab)
    assert [what for _, what in _refusal(lab, 1)] == [
        "Environment 'test' changed: its variables.",
        "The VM of web/1 disappeared in the cloud.",
        "The state that the agent of web/1 reports disappeared.",
    ]


def test_a_cloud_config_that_says_something_else_is_named_and_a_comment_is_not(lab: Lab) -> None:
    lab.store()
    config = lab.folder / "cloud-config.yml"
    config.write_text(CLOUD_CONFIG.replace("workers: 1", "workers: 3"))
    assert _refusal(lab, 1) == [("plan-outdated", "The cloud config changed.")]
    config.write_text(f"# nothing new\n{CLOUD_CONFIG}")
    assert lab.apply(1).report is not None


def test_a_release_whose_content_changed_is_named(lab: Lab) -> None:
    lab.store()
    lab.release = changed_release()
    assert _refusal(lab, 1) == [("plan-outdated", "The content of release 'tools' changed.")]


def test_addresses_that_another_deployment_took_are_named(lab: Lab) -> None:
    stored = lab.store()
    lab.deploy("other", instances=1)
    taken = [what for _, what in _refusal(lab, 1) if what.startswith("Address")]
    wanted = sorted({ip for addresses in stored.plan.reserved().values() for ip in addresses})
    assert taken[0] == f"Address {wanted[0]} was taken by another deployment."


def test_a_plan_that_comes_out_otherwise_is_refused_although_nothing_is_known_to_have_moved(lab: Lab) -> None:
    stored = lab.store()
    lab.simulation.plans.plans[1] = lab.simulation.plans.plans[1].replace(stored.digest, "another")
    assert _refusal(lab, 1) == [("plan-outdated", "The same manifest now leads to another plan.")]


def test_nothing_is_made_where_a_plan_is_refused(lab: Lab) -> None:
    lab.store()
    before = lab.simulation.cloud.inventory()
    lab.release = changed_release()
    _refusal(lab, 1)
    assert lab.simulation.cloud.inventory() == before
    assert lab.session().world.journal.list_runs(ENVIRONMENT, deployment=APP) == ()


def test_a_plan_that_is_not_there_or_of_something_else_is_refused_in_words(lab: Lab) -> None:
    assert _refusal(lab, 9)[0] == ("plan-missing", "There is no stored plan 9.")
    lab.store()
    session = lab.session()
    elsewhere = replace(session, settings=replace(session.settings, environment=EnvironmentName("prod")))
    session.world.store.hold_lease(EnvironmentName("prod"), DeploymentName(""), caller=calling("up")).__enter__()
    lab.simulation.store.environments[EnvironmentName("prod")] = replace(
        lab.simulation.store.environments[ENVIRONMENT], name=EnvironmentName("prod")
    )
    with pytest.raises(InputError) as refused:
        stored_plans.apply_plan(elsewhere, StoredPlanRequest(number=1, caller=calling("deploy")), lambda _: None)
    assert refused.value.what == "Plan 1 is for environment 'test', not 'prod'."
    with pytest.raises(WrongUseError) as contradicted:
        asked = StoredPlanRequest(number=1, caller=calling("deploy"), deployment="other")
        stored_plans.apply_plan(lab.session(), asked, lambda _: None)
    assert contradicted.value.code == "deployment-contradicted"


def test_a_plan_of_another_format_is_refused_in_words(lab: Lab) -> None:
    lab.store()
    plans = lab.simulation.plans.plans
    plans[1] = plans[1].replace('"version": 1, "number"', '"version": 0, "number"')
    assert _refusal(lab, 1)[0] == ("plan-version", "Plan 1 was stored by another version of compleat (format 0).")


def _refusal(lab: Lab, number: int) -> list[tuple[str, str]]:
    return [(each.code, each.what) for each in _problems(lab, number)]


def _problems(lab: Lab, number: int) -> tuple[ExplainedError, ...]:
    with pytest.raises(InputError) as refused:
        lab.apply(number)
    return errors.each_problem(refused.value)


def _change_environment(lab: Lab) -> None:
    environments: dict[EnvironmentName, Environment] = lab.simulation.store.environments
    environment = environments[ENVIRONMENT]
    environments[ENVIRONMENT] = replace(environment, variables={**environment.variables, "new": "value"})
