"""Rotation of secrets: each CA by three deploys, continued by the same command wherever it was killed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from director.actions.create_vm import CreateVm
from director.actions.make_secret import MakeSecret
from director.app.checks import expiring_certificates
from director.errors import InputError
from director.model.ca_transition import CaPhase
from director.model.tasks.plan import Plan
from tests.support import wants
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.rotations import VARIABLES, RotationLab
from tests.support.simulation import Simulation

_CA, _TLS, _TOKEN = "/test/app/ca", "/test/app/tls", "/test/app/token"


@pytest.fixture
def lab(tmp_path: Path) -> RotationLab:
    made = RotationLab(Simulation(), tmp_path)
    made.deploy()
    return made


def test_a_password_is_generated_again_and_its_users_are_updated(lab: RotationLab) -> None:
    rotated = lab.rotate("token")
    assert _versions(lab) == {_CA: 1, _TLS: 1, _TOKEN: 2}
    assert [row["version"] for row in rotated.table.rows] == [2]
    assert rotated.lines == (
        "Rotates 1 secret:",
        f"  {_TOKEN} (password), used by app",
        f"  {_TOKEN}: the former value was not tried, as no job checks it",
    )
    (run,) = _plans(lab, rotated.task)
    assert _changes(run) == {_TOKEN: "generate"}
    assert lab.deploy().report is None, "everything has the new value"


def test_a_ca_is_replaced_in_three_deploys_without_a_vm(lab: RotationLab) -> None:
    rotated = lab.rotate("ca")
    plans = _plans(lab, rotated.task)
    assert [_changes(plan) for plan in plans] == [
        {_CA: "add-ca", _TLS: "take-ca"},
        {_CA: "switch-ca", _TLS: "generate"},
        {_CA: "drop-ca", _TLS: "take-ca"},
    ]
    assert not [action for plan in plans for action in plan.actions if isinstance(action.work, CreateVm)]
    assert lab.simulation.vault.values[_CA] == {"ca": "c2", "certificate": "c2", "private_key": "key of c2"}
    assert lab.simulation.vault.values[_TLS] == {"ca": "c2", "certificate": "c3/c2", "private_key": "key of c3"}
    assert len(rotated.confirmed) == 1, "the next plans only continue the first"
    assert lab.deploy().report is None


def test_all_changes_what_is_no_ca_with_the_first_step(lab: RotationLab) -> None:
    rotated = lab.rotate(is_all=True)
    plans = _plans(lab, rotated.task)
    assert [_changes(plan) for plan in plans] == [
        {_TOKEN: "generate", _CA: "add-ca", _TLS: "take-ca"},
        {_CA: "switch-ca", _TLS: "generate"},
        {_CA: "drop-ca", _TLS: "take-ca"},
    ]


def test_a_certificate_alone_is_signed_by_the_ca_that_is_there(lab: RotationLab) -> None:
    (run,) = _plans(lab, lab.rotate("tls").task)
    assert _changes(run) == {_TLS: "generate"}
    assert lab.simulation.vault.values[_TLS] == {"ca": "c1", "certificate": "c2/c1", "private_key": "key of c2"}


def test_another_deployments_certificate_and_users_take_part(lab: RotationLab) -> None:
    lab.deploy("consumer", instances=1)
    rotated = lab.rotate("ca")
    plans = _plans(lab, rotated.task)
    assert [(str(plan.deployment), sorted(_changes(plan).values())) for plan in plans] == [
        ("app", ["add-ca", "take-ca"]),
        ("consumer", ["take-ca"]),
        ("app", ["generate", "switch-ca"]),
        ("consumer", ["generate"]),
        ("app", ["drop-ca", "take-ca"]),
        ("consumer", ["take-ca"]),
    ]
    assert [row["deployments"] for row in rotated.table.rows] == [["app", "consumer"]]
    assert len(rotated.confirmed) == 2


@pytest.mark.parametrize(("made", "change"), [(2, "take-ca"), (5, "generate"), (8, "take-ca")])
def test_another_deployment_that_was_not_reached_is_first_when_continued(
    lab: RotationLab, made: int, change: str
) -> None:
    lab.deploy("consumer", instances=1)
    with pytest.raises(Death):
        lab.rotate("ca", deaths=_DeathAfterSecrets(made))
    rotated = lab.rotate("ca")
    found = [(str(plan.deployment), _changes(plan)) for plan in _plans(lab, rotated.task)]
    first = next(changes for name, changes in found if name == "consumer")
    assert first == {"/test/consumer/token": change}
    assert (_field(lab, _CA, "certificate"), _field(lab, _TLS, "ca")) == ("c2", "c2")
    assert lab.simulation.vault.values["/test/consumer/token"] == {
        "ca": "c2",
        "certificate": "c3/c2",
        "private_key": "key of c3",
    }
    assert (lab.deploy().report, lab.deploy("consumer", instances=1).report) == (None, None)


def test_a_variable_that_two_manifests_have_is_generated_once_and_reaches_both(lab: RotationLab) -> None:
    lab.deploy("above", instances=1)
    for names in (["token"], ["token", "own"]):
        version = _versions(lab)[_TOKEN]
        rotated = lab.rotate(*names)
        assert sorted(str(plan.deployment) for plan in _plans(lab, rotated.task)) == ["above", "app"]
        assert _versions(lab)[_TOKEN] == version + 1
        assert (lab.deploy().report, lab.deploy("above", instances=1).report) == (None, None)


def test_variables_that_no_job_uses_are_rotated_too(tmp_path: Path) -> None:
    lab = RotationLab(Simulation(), tmp_path, secrets="plain")
    lab.deploy()
    assert [row["version"] for row in lab.rotate("token").table.rows] == [2]


def test_what_expires_is_chosen_with_a_ca_that_is_begun(lab: RotationLab) -> None:
    assert lab.rotate(expiring_s=86400.0).table.rows == ()
    lab.simulation.vault.ends[_TLS] = lab.simulation.time.now() + 3600
    rotated = lab.rotate(expiring_s=86400.0)
    assert [row["name"] for row in rotated.table.rows] == [_TLS]


@pytest.mark.parametrize(
    ("name", "code"),
    [("tokn", "unknown-variable"), ("inter", "rotation-of-chain"), ("root", "rotation-of-chain"), ("own", "")],
)
def test_what_cannot_be_rotated_is_refused_before_anything(tmp_path: Path, name: str, code: str) -> None:
    chain = (
        "- {name: root, type: certificate, options: {is_ca: true, common_name: r}}\n"
        "- {name: inter, type: certificate, options: {is_ca: true, common_name: i, ca: root}}\n"
    )
    lab = RotationLab(Simulation(), tmp_path, definitions=VARIABLES + chain)
    lab.deploy()
    lab.simulation.vault.values["/test/own"] = "given"
    lab.simulation.vault.versions["/test/own"] = 1
    before = dict(lab.simulation.vault.versions)
    with pytest.raises(InputError) as caught:
        lab.rotate(name)
    assert caught.value.code == (code or "secret-not-generated")
    assert lab.simulation.vault.versions == before


def test_an_ignored_instance_is_refused(lab: RotationLab) -> None:
    saved = lab.session().deployment("app")
    first, *others = saved.instances
    store = lab.session().world.store
    with store.hold_lease(saved.environment, saved.deployment, caller=calling("ignore")) as lease:
        store.save_deployment(lease, replace(saved, instances=(replace(first, is_ignored=True), *others)))
    with pytest.raises(InputError) as caught:
        lab.rotate("ca")
    assert caught.value.code == "instance-ignored"
    assert _versions(lab)[_CA] == 1


def test_a_deploy_in_the_middle_changes_nothing_and_the_command_continues(lab: RotationLab) -> None:
    for phase, count in ((CaPhase.ADDED, 1), (CaPhase.SWITCHED, 2)):
        with pytest.raises(Death):
            lab.rotate("ca", deaths=_DeathAfterSecrets(count))
        lab.deploy()
        assert _phase(lab) is phase
        assert lab.deploy().report is None
    lab.rotate("ca")
    assert _field(lab, _CA, "certificate") == "c2"


def test_killed_anywhere_it_is_continued_and_trust_is_never_broken(tmp_path: Path) -> None:
    for at in _boundaries(tmp_path / "whole"):
        folder = tmp_path / str(at)
        folder.mkdir()
        lab = RotationLab(Simulation(), folder)
        lab.deploy(instances=1)
        with pytest.raises(Death):
            lab.rotate(is_all=True, deaths=Deaths(at=at))
        _require_trust(lab)
        lab.rotate(is_all=True)
        assert _field(lab, _CA, "certificate") == "c2", at
        assert _field(lab, _TLS, "ca") == "c2", at
        assert _field(lab, _TLS, "certificate").endswith("/c2"), at
        assert _versions(lab)[_TOKEN] == 2, at
        assert lab.deploy(instances=1).report is None, at


def _boundaries(folder: Path) -> Iterator[int]:
    """Each one around a secret, and some of the others."""
    folder.mkdir()
    lab = RotationLab(Simulation(), folder)
    lab.deploy(instances=1)
    counting = Deaths()
    lab.rotate(is_all=True, deaths=counting)
    for at, boundary in enumerate(counting.passed, start=1):
        if at % 29 == 1 or boundary == "vault: after make":
            yield at


def _require_trust(lab: RotationLab) -> None:
    """Who signed the certificate is among the CAs that its users trust."""
    signer = _field(lab, _TLS, "certificate").rpartition("/")[2]
    assert signer in _field(lab, _CA, "certificate").split()


class _DeathAfterSecrets(Deaths):
    """Dies once so many secrets are made."""

    def __init__(self, count: int) -> None:
        Deaths.__init__(self)
        self._left = count

    def passing(self, boundary: str) -> None:
        Deaths.passing(self, boundary)
        self._left -= boundary == "vault: after make"
        if not self._left:
            raise Death(boundary)


def _field(lab: RotationLab, name: str, field: str) -> str:
    value = lab.simulation.vault.values[name]
    assert isinstance(value, Mapping)
    return str(value[field])


def _phase(lab: RotationLab) -> CaPhase:
    return lab.session().world.vault.describe_certificates([_CA])[_CA].phase


def _versions(lab: RotationLab) -> Mapping[str, int]:
    return lab.session().world.vault.secret_versions([_CA, _TLS, _TOKEN])


def _plans(lab: RotationLab, task: int) -> Sequence[Plan]:
    journal = lab.session().world.journal
    return [
        run.plan for each in journal.runs_of_task(task) if (run := journal.load_run(wants.ENVIRONMENT, each.number))
    ]


def _changes(plan: Plan) -> Mapping[str, str]:
    return {
        action.work.variable.name: action.work.change.value
        for action in plan.actions
        if isinstance(action.work, MakeSecret)
    }


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (31, ""),
        (29, "expires within 30 days, at"),
        (6, "expires within 7 days, at"),
        (0.5, "expires within 1 day, at"),
        (-1, "expired at"),
    ],
)
def test_a_certificate_that_ends_soon_is_reported_by_deploy_and_doctor(
    lab: RotationLab, days: float, words: str
) -> None:
    lab.simulation.vault.ends[_TLS] = lab.simulation.time.now() + days * 86400
    lab.deploy()
    (text,) = _remarks(lab) or ("",)
    assert (words in text, "`compleat rotate -e test /test/app/tls` renews it." in text) == (True, bool(words))
    findings = [each.finding for each in expiring_certificates.expiring_findings(lab.session())]
    assert [(each.code, each.is_fatal) for each in findings] == [("certificate-expiring", False)] * len(text[:1])
    lab.simulation.watcher.events.clear()
    lab.rotate("tls")
    assert _remarks(lab) == [], "the plan renews it"


def test_a_given_certificate_that_ends_soon_is_not_one_to_rotate(lab: RotationLab) -> None:
    lab.session().world.vault.put_secret("/test/app/own", {"ca": "x", "certificate": "x", "private_key": "key"})
    lab.simulation.vault.ends["/test/app/own"] = lab.simulation.time.now() + 3600
    (finding,) = (each.finding for each in expiring_certificates.expiring_findings(lab.session()))
    assert finding.fix == "It was given: give another one in the same way, and deploy."


def _remarks(lab: RotationLab) -> list[str]:
    return [event.text for event in lab.simulation.watcher.events if event.kind == "certificate-expiring"]
