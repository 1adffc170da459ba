"""What a command shows of its findings."""

import json

import pytest

from cpi.contract.values import Finding
from director.app.checks import preflight
from director.app.use_cases import doctor
from director.cli.terminal import doctor_showing
from director.cli.terminal.terminal import Terminal
from director.errors import InputError
from director.model.cloud_names import ONLY_CLOUD
from director.model.report import Bill, CloudFinding, CloudLogin
from director.report import error_text

FORBIDS = CloudFinding(cloud="eu", finding=Finding(code="quota-low", what="No room.", why="2 of 2.", fix="Ask."))
SLOW = Finding(code="slow-disk", what="It is slow.", why="", fix="Wait.", is_fatal=False)
REMARK = CloudFinding(cloud=None, finding=SLOW)


@pytest.mark.parametrize(
    ("findings", "out"),
    [
        ((), "No problems found.\n"),
        ((FORBIDS,), ""),
        ((FORBIDS, REMARK), "Code       What         Fix\nslow-disk  It is slow.  Wait.\n\n1 finding\n"),
    ],
    ids=["none", "one that forbids", "a remark beside it"],
)
def test_each_finding_is_told_once(
    findings: tuple[CloudFinding, ...], out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(is_json=False, has_color=False, is_tty=False)
    diagnosis = doctor.Diagnosis(findings=findings, bill=Bill())
    doctor_showing.show_diagnosis(terminal, diagnosis, remarks=doctor.remarks_table(findings))
    assert capsys.readouterr().out == out


def test_the_way_to_sign_in_is_shown_first_and_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    logins = (
        CloudLogin(cloud=ONLY_CLOUD, plugin="aws", words="profile 'prod'"),
        CloudLogin(cloud="eu", plugin="openstack", words="cloud 'eu' of clouds.yaml"),
    )
    diagnosis = doctor.Diagnosis(findings=(), logins=logins)
    terminal = Terminal(is_json=False, has_color=False, is_tty=False)
    doctor_showing.show_diagnosis(terminal, diagnosis, remarks=doctor.remarks_table(()))
    shown = "Login on aws: profile 'prod'.\nLogin on eu: cloud 'eu' of clouds.yaml.\nNo problems found.\n"
    assert capsys.readouterr().out == shown
    terminal = Terminal(is_json=True, has_color=False, is_tty=False)
    doctor_showing.show_diagnosis(terminal, diagnosis, remarks=doctor.remarks_table(()))
    written = json.loads(capsys.readouterr().out)
    assert [one["login"] for one in written["logins"]] == ["profile 'prod'", "cloud 'eu' of clouds.yaml"]


def test_what_forbids_is_an_error_that_names_its_cloud() -> None:
    with pytest.raises(InputError) as caught:
        preflight.refuse([REMARK, FORBIDS])
    assert error_text.error_lines(caught.value) == (
        "quota-low: No room.",
        "  while asking cloud 'eu'",
        "  why: 2 of 2.",
        "  fix: Ask.",
    )
