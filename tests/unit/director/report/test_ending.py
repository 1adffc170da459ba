"""How commands end, for people."""

from director.model.report import Asked, DownReport, ErrandResult, RunReport, Trial, UpReport
from director.report import ending


def test_a_line_that_failed_when_tried_says_so() -> None:
    lines = (Trial(name="ssh", value="ssh jumpbox"), Trial(name="console", value="https://c", problem="refused"))
    assert ending.up_lines(UpReport(environment="local", lines=lines, took_s=9.04)) == (
        "",
        "  ssh      ssh jumpbox",
        "  console  https://c",
        "           ^ tried, and it FAILED: refused",
        "",
        "Environment 'local' is up after 9.0 s. Not all of it works: see the lines marked FAILED.",
    )


def test_down_ends_with_what_was_asked_and_zero_left() -> None:
    asked = (
        Asked(kind="vm", name="VM a"),
        Asked(kind="vm", name="VM b"),
        Asked(kind="disk", name="disk c"),
        Asked(kind="landing resource", name="public_address console"),
    )
    assert ending.down_lines(DownReport(environment="local", asked=asked, left=())) == (
        "  asked to delete 2 vms: a, b",
        "  asked to delete 1 disk: c",
        "  asked to delete 1 landing resource: public address console",
        "Environment 'local': the cloud has 0 of ours left.",
    )


def test_down_names_what_is_left() -> None:
    report = DownReport(environment="local", asked=(), left=(Asked(kind="disk", name="c"),))
    assert ending.down_lines(report) == (
        "  still there: disk c",
        "Environment 'local': 1 of ours are left. Run the same command again.",
    )


def test_a_run_is_one_line() -> None:
    report = RunReport(deployment="d", number=3, state="done", took_s=1.25, counts={"create_vm": 2, "apply": 3})
    assert ending.run_line(report) == "Task 3 of 'd': done in 1.2 s (3 apply, 2 create vm)."


def test_an_errands_words_are_indented() -> None:
    result = ErrandResult(errand="smoke", instance="t/0", exit_code=1, stdout="hello\n", stderr="oh\n")
    assert ending.errand_lines(result) == ("Errand 'smoke' on t/0 failed with exit code 1.", "  | hello", "  | oh")
