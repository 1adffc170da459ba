"""Variables of a deployment set, imported and deleted by hand: all or none, and what uses them is updated."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from director import errors
from director.actions.apply import Apply
from director.app.use_cases import given_variables
from director.app.use_cases import plan as planning
from director.app.use_cases.deploy import DeployRequest
from director.app.use_cases.given_variables import GivenVariables
from director.errors import InputError
from director.model.documents import Source
from tests.support.callers import calling
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

_CHANGED = "configuration of web changed"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """`app` runs with a generated `token`."""
    made = Lab(Simulation(), tmp_path)
    made.deploy()
    return made


def test_a_set_value_reaches_the_instances_with_the_next_deploy(lab: Lab) -> None:
    assert _set(lab, token="given") == ("token",)
    assert _value(lab, "token") == "given"
    assert lab.deploy().report is not None
    assert _value(lab, "token") == "given", "a deploy keeps it"
    assert lab.deploy().report is None


def test_a_value_that_is_set_before_the_first_deploy_is_the_one_that_is_used(tmp_path: Path) -> None:
    lab = Lab(Simulation(), tmp_path)
    assert _set(lab, token="given") == ("token",)
    assert lab.deploy().report is not None
    assert _value(lab, "token") == "given"
    assert lab.deploy().report is None


def test_the_same_value_again_changes_nothing(lab: Lab) -> None:
    _set(lab, token="given", more="x")
    assert _set(lab, token="given", more="y") == ("more",)
    assert lab.session().world.vault.secret_versions(["/test/app/token"]) == {"/test/app/token": 2}


def test_nothing_is_set_where_one_cannot_be_and_all_are_reported(lab: Lab) -> None:
    before = _value(lab, "token")
    with pytest.raises(InputError) as caught:
        _set(lab, **{"token": {"user": "x"}, "/away/x": "y", "none": None, "good": "z"})
    codes = [each.code for each in errors.each_problem(caught.value)]
    assert codes == ["variable-shape-differs", "variable-name-invalid", "variable-value-invalid"]
    assert (_value(lab, "token"), lab.session().world.vault.list_secrets("/test/app/")) == (
        before,
        ("/test/app/token",),
    )


def test_a_variables_store_is_read_as_it_was_written() -> None:
    values: dict[str, JsonValue] = {"tls": {"ca": "a\nb\n", "certificate": "c", "private_key": "d"}, "word": "x: y"}
    text = given_variables.write_store(values)
    assert given_variables.read_store(Source(name="vars.yml", content=text.encode())) == values


def test_a_variable_in_use_is_not_deleted(lab: Lab) -> None:
    with pytest.raises(InputError) as caught:
        _delete(lab, "token")
    assert caught.value.code == "variable-in-use"
    assert _value(lab, "token")


def test_another_is_deleted_after_a_yes_and_may_have_another_shape_then(lab: Lab) -> None:
    _set(lab, extra="x")
    asked = _delete(lab, "extra")
    assert asked == ["Variable 'extra' of deployment 'app' will be deleted; its value is lost."]
    assert _set(lab, extra={"a": "b"}) == ("extra",)


def test_an_unknown_one_is_refused_with_the_nearest(lab: Lab) -> None:
    with pytest.raises(InputError) as caught:
        _delete(lab, "tokn")
    assert (caught.value.code, caught.value.fix) == ("secret-unknown", "Did you mean 'token'?")


def test_a_variable_of_another_deployment_is_used_by_its_absolute_name(lab: Lab) -> None:
    request = _naming(lab, "/test/app/token")
    assert lab.deploy_request(request).report is not None
    assert lab.deploy_request(request).report is None
    _set(lab, token="given")
    plan = planning.plan_deployment(lab.session(), request).plan
    assert [action.reason for action in plan.actions if isinstance(action.work, Apply)] == [_CHANGED] * 2


def test_an_absolute_name_that_no_deployment_has_is_refused_and_so_is_the_environments_own(lab: Lab) -> None:
    for name in ("/test/app/absent", "/test/ssh_key", "/other/app/token"):
        with pytest.raises(InputError) as caught:
            planning.plan_deployment(lab.session(), _naming(lab, name))
        (problem,) = errors.each_problem(caught.value)
        assert problem.code == "unresolved-variable"


def _naming(lab: Lab, name: str) -> DeployRequest:
    """Deployment `more`, whose property is the variable of that name, which it does not declare."""
    request = lab.request("more")
    text = request.files.manifest.content.decode().partition("variables:")[0].replace("((token))", f"(({name}))")
    return replace(request, files=replace(request.files, manifest=Source(name="more.yml", content=text.encode())))


def _set(lab: Lab, **values: JsonValue) -> tuple[str, ...]:
    given = GivenVariables(deployment="app", values=values, caller=calling("set-var"))
    return given_variables.set_variables(lab.session(), given)


def _delete(lab: Lab, name: str) -> list[str]:
    asked: list[str] = []

    def confirm(lines: Sequence[str]) -> None:
        asked.extend(lines)

    given_variables.delete_variable(lab.session(), "app", name, caller=calling("delete-var"), confirm=confirm)
    return asked


def _value(lab: Lab, name: str) -> JsonValue:
    return lab.session().world.vault.get_secret(f"/test/app/{name}")
