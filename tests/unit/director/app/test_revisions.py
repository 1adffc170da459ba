"""Revisions of a deployment: which deploys count, what each changed, and how to go back."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from director.app.use_cases import revisions
from director.app.use_cases.deploy import DeployRequest
from director.app.use_cases.revisions import RevisionRecords
from director.errors import InputError
from director.model.ids import DeploymentName
from director.report import revision_rows
from director.text.manifest_differences import text_differences
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """`app` with two instances, then three, then the same three again: the tasks 1 to 3."""
    made = Lab(Simulation(), tmp_path)
    made.deploy(instances=2)
    made.deploy(instances=3)
    made.deploy(instances=3)
    return made


def test_a_revision_has_the_number_of_its_task_and_shows_what_it_changed(lab: Lab) -> None:
    first, second = _numbers(lab)
    assert _rows(lab, "revision", "user", "state", "changes") == [
        (second, "someone@here", "current", "web: instances"),
        (first, "someone@here", "", "first deploy"),
    ]


def test_only_so_many_are_listed_and_the_last_still_shows_what_it_changed(lab: Lab) -> None:
    assert _rows(lab, "changes", limit=1) == [("web: instances",)]


def test_a_failed_deploy_is_no_revision(lab: Lab) -> None:
    before = _numbers(lab)
    with pytest.raises(Death):
        lab.deploy(instances=4, deaths=Deaths(at=12))
    assert _numbers(lab) == before


def test_a_revision_deployed_again_brings_its_manifest_back(lab: Lab) -> None:
    first, second = _numbers(lab)
    text = revisions.revision_manifest(_records(lab), first)
    differences = text_differences(revisions.deployed_manifest(_records(lab)), text)
    assert revision_rows.difference_lines(differences) == ("web: instances: 3 -> 2",)
    _deploy_revision(lab, first)
    assert revisions.deployed_manifest(_records(lab)) == text
    assert [state for _, state in _rows(lab, "revision", "state")] == ["current", "", ""]
    assert _numbers(lab)[:2] == (first, second)


def test_a_deleted_deployment_s_revisions_stay(lab: Lab) -> None:
    session = lab.session()
    before = _numbers(lab)
    store = session.world.store
    with store.hold_lease(session.settings.environment, DeploymentName("app"), caller=calling("delete")) as lease:
        store.delete_deployment(lease)
    assert _numbers(lab) == before
    assert {state for (state,) in _rows(lab, "state")} == {""}


def test_an_unknown_revision_is_refused_with_the_known_ones(lab: Lab) -> None:
    first, second = _numbers(lab)
    with pytest.raises(InputError) as caught:
        revisions.revision_files(_records(lab), 77)
    assert (caught.value.code, caught.value.why) == ("revision-missing", f"Its revisions: {second}, {first}.")


def test_an_unknown_deployment_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError) as caught:
        revisions.list_revisions(replace(_records(lab), deployment="ap"), limit=5)
    assert (caught.value.code, caught.value.fix) == ("deployment-missing", "Did you mean 'app'?")


def test_manifests_that_differ_in_their_order_alone_are_another_revision() -> None:
    assert revision_rows.difference_lines(text_differences("a: 1\nb: 2\n", "b: 2\na: 1\n")) == ("No differences.",)


def _records(lab: Lab) -> RevisionRecords:
    return revisions.records_of_session(lab.session(), "app")


def _rows(lab: Lab, *columns: str, limit: int = 30) -> list[tuple[object, ...]]:
    table = revisions.list_revisions(_records(lab), limit=limit)
    rows: tuple[Mapping[str, object], ...] = table.rows
    return [tuple(row[column] for column in columns) for row in rows]


def _numbers(lab: Lab) -> tuple[int, ...]:
    """Oldest first."""
    return tuple(int(str(number)) for (number,) in reversed(_rows(lab, "revision")))


def _deploy_revision(lab: Lab, number: int) -> None:
    files = replace(revisions.revision_files(_records(lab), number), values={"size": "small"})
    lab.deploy_request(DeployRequest(files=files, caller=calling("deploy --revision")))
