"""What a command shows of its findings."""

import pytest

from cpi.contract.values import Finding
from director.app.checks import preflight
from director.app.use_cases import doctor
from director.cli.terminal import showing
from director.cli.terminal.terminal import Terminal
from director.errors import InputError
from director.model.report import Bill, CloudFinding
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
    showing.show_findings(terminal, findings, remarks=doctor.remarks_table(findings), bill=Bill())
    assert capsys.readouterr().out == out


def test_what_forbids_is_an_error_that_names_its_cloud() -> None:
    with pytest.raises(InputError) as caught:
        preflight.refuse([REMARK, FORBIDS])
    assert error_text.error_lines(caught.value) == (
        "quota-low: No room.",
        "  while asking cloud 'eu'",
        "  why: 2 of 2.",
        "  fix: Ask.",
    )
