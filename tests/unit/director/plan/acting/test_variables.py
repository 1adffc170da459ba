"""Secrets that are to be generated, that were lost, and that were generated with other options than are wanted."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cpi.contract.values import StemcellCid, VmCid
from director.errors import InputError, Problems
from director.model.environments.desired import Desired, UpdateMode, VariableSpec
from director.model.environments.observed import Observed
from director.model.environments.state import InstanceRecord, SecretRecord, VmRecord
from director.model.ids import ActionId, GroupName, InstanceId, RunId
from director.model.secret_ref import SecretRef
from director.model.tasks.plan import Plan
from director.plan.acting import variables
from director.plan.action_factory import ActionFactory
from tests.support import wants
from tests.unit.director.plan import scenes

CA = VariableSpec(name="/test/app/ca", type="certificate", options={"is_ca": True, "common_name": "ca"})
CERT = VariableSpec(name="/test/app/cert", type="certificate", options={"ca": CA.name, "alternative_names": ["a.b"]})
PASSWORD = VariableSpec(name="/test/app/password", type="password", options={"length": 30})
ALL = (CA, CERT, PASSWORD)


def test_what_was_never_generated_is_generated_at_version_1() -> None:
    assert _to_make(_observed({})) == {CA.name: 1, CERT.name: 1, PASSWORD.name: 1}
    assert _to_make(_observed({variable.name: 1 for variable in ALL})) == {}


def test_a_lost_secret_that_runs_somewhere_is_refused_with_its_users() -> None:
    with pytest.raises(InputError) as caught:
        _to_make(_running(_observed({CA.name: 1, CERT.name: 1}, made=ALL)))
    error = caught.value
    assert (error.code, PASSWORD.name in error.what, "'db'" in error.why) == ("secret-lost", True, True)
    assert "--regenerate password" in error.fix


def test_all_lost_secrets_are_told_at_once() -> None:
    with pytest.raises(Problems) as caught:
        _to_make(_running(_observed({}, made=ALL)))
    assert [problem.code for problem in caught.value.problems] == ["secret-lost"] * 3


def test_a_lost_secret_of_an_earlier_version_is_known_by_the_last_manifest() -> None:
    with pytest.raises(InputError) as caught:
        _to_make(_running(_observed({CA.name: 1, CERT.name: 1})), declared=[PASSWORD.name])
    assert caught.value.code == "secret-lost"


def test_a_lost_secret_that_runs_nowhere_is_generated_at_another_version() -> None:
    observed = _observed({CA.name: 1, CERT.name: 1}, made=ALL)
    assert _to_make(observed) == {PASSWORD.name: 2}


def test_what_a_lost_ca_signed_is_signed_anew_where_nothing_runs() -> None:
    observed = _observed({CERT.name: 1, PASSWORD.name: 1}, made=ALL)
    assert _to_make(observed) == {CA.name: 2, CERT.name: 2}


def test_what_a_ca_that_never_was_is_to_sign_keeps_its_value_until_it_is_asked_for() -> None:
    assert _to_make(_observed({CERT.name: 1, PASSWORD.name: 1}, made=(CERT, PASSWORD))) == {CA.name: 1}


def test_a_secret_generated_anew_has_a_version_nobody_has_seen() -> None:
    observed = _running(_observed({CA.name: 1, CERT.name: 1, PASSWORD.name: 4}, made=ALL))
    assert _to_make(observed, regenerate=["password"]) == {PASSWORD.name: 5}
    assert _to_make(_running(_observed({CA.name: 1, CERT.name: 1}, made=ALL)), regenerate=["password"]) == {
        PASSWORD.name: 2
    }


def test_what_a_new_ca_signs_is_signed_anew_after_it() -> None:
    observed = _running(_observed({variable.name: 1 for variable in ALL}, made=ALL))
    versions = _to_make(observed, regenerate=["ca"])
    assert versions == {CA.name: 2, CERT.name: 2}
    factory = ActionFactory(run=RunId("r"), environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    ca, cert = variables.make_secrets(ALL, versions, factory)
    assert (cert.after, ca.reason) == ((ca.id,), "regenerated, version 2")


@pytest.mark.parametrize(
    ("mode", "length", "expected"),
    [
        (UpdateMode.NO_OVERWRITE, 40, {}),
        (UpdateMode.OVERWRITE, 30, {PASSWORD.name: 4}),
        (UpdateMode.CONVERGE, 40, {PASSWORD.name: 4}),
        (UpdateMode.CONVERGE, 30, {}),
    ],
)
def test_an_update_mode_generates_what_is_there_again(mode: UpdateMode, length: int, expected: object) -> None:
    wanted = replace(PASSWORD, options={"length": length}, update_mode=mode)
    observed = _running(_observed({PASSWORD.name: 3}, made=(PASSWORD,)))
    assert _to_make(observed, wanted=(wanted,)) == expected


def test_a_converging_variable_whose_options_nobody_recorded_is_kept() -> None:
    wanted = replace(PASSWORD, options={"length": 40}, update_mode=UpdateMode.CONVERGE)
    assert _to_make(_running(_observed({PASSWORD.name: 3})), wanted=(wanted,)) == {}


def test_what_a_converging_ca_signs_is_signed_again() -> None:
    ca = replace(CA, options={**CA.options, "duration": 30}, update_mode=UpdateMode.CONVERGE)
    assert _to_make(_running(_observed({CA.name: 1, CERT.name: 1}, made=ALL)), wanted=(ca, CERT)) == {
        CA.name: 2,
        CERT.name: 2,
    }


@pytest.mark.parametrize(("running", "expected"), [("s", {}), ("another", {PASSWORD.name: 4})])
def test_a_kept_variable_is_generated_with_another_stemcell(running: str, expected: object) -> None:
    wanted = replace(PASSWORD, update_mode=UpdateMode.OVERWRITE, is_kept_on_stemcell=True)
    observed = _running(_observed({PASSWORD.name: 3}, made=(PASSWORD,)), stemcell=running)
    assert _to_make(observed, wanted=(wanted,)) == expected


def test_an_option_that_changed_is_named_unless_the_plan_generates_the_variable() -> None:
    state = _observed({}, made=ALL).state
    wanted = replace(CERT, options={"ca": CA.name, "alternative_names": ["a.b", "c.d"], "duration": 30})
    desired = replace(_desired(), variables=(CA, wanted, PASSWORD))
    factory = ActionFactory(run=RunId("r"), environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    kept = Plan(run=RunId("r"), environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    made = replace(kept, actions=variables.make_secrets((wanted,), {CERT.name: 2}, factory))
    reported = variables.outdated_options(desired, state, kept)
    assert [(each.variable, each.option, each.before, each.wanted) for each in reported] == [
        ("cert", "alternative_names", ["a.b"], ["a.b", "c.d"]),
        ("cert", "duration", None, 30),
    ]
    assert variables.outdated_options(desired, state, made) == ()


def _to_make(
    observed: Observed,
    *,
    regenerate: list[str] | None = None,
    declared: list[str] | None = None,
    wanted: tuple[VariableSpec, ...] = ALL,
) -> Mapping[str, int]:
    request = replace(scenes.asked(), regenerate=frozenset(regenerate or ()), declared=frozenset(declared or ()))
    return variables.versions_to_make(replace(_desired(), variables=wanted), observed, request)


def _desired() -> Desired:
    database = wants.group("db", 1, wants.job("db", password=SecretRef(name=PASSWORD.name)))
    database = replace(database, stemcell=replace(database.stemcell, cid="s"))
    return replace(wants.desired(database), variables=ALL)


def _observed(versions: Mapping[str, int], *, made: tuple[VariableSpec, ...] = ()) -> Observed:
    observed = scenes.nothing()
    secrets = {each.name: SecretRecord(version=1, type=each.type, options=each.options) for each in made}
    return replace(observed, secret_versions=versions, state=replace(observed.state, secrets=secrets))


def _running(observed: Observed, *, stemcell: str = "s") -> Observed:
    vm = VmRecord(cid=VmCid("vm"), action=ActionId("a"), stemcell_cid=StemcellCid(stemcell), networks=())
    record = InstanceRecord(id=InstanceId("i"), group=GroupName("db"), index=0, vm=vm)
    return replace(observed, state=replace(observed.state, instances=(record,)))
