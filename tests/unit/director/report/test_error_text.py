"""Errors for people, word for word."""

from cpi.contract.errors import CloudError
from director.errors import ActionFailedError, Bug, Failures, InputError, Problems
from director.report import error_text

_NETWORK = InputError(
    "unknown-network",
    "Group 'web' names network 'defalt', which no cloud config defines.",
    why="It defines 'default'.",
    fix="Write 'default'.",
    where="manifest.yml:41:7",
)
_AZ = InputError("unknown-az", "There is no AZ 'z9'.", where="manifest.yml:12:3")


def test_an_error_says_where_what_why_and_fix() -> None:
    assert error_text.error_lines(_NETWORK) == (
        "manifest.yml:41:7: unknown-network: Group 'web' names network 'defalt', which no cloud config defines.",
        "  why: It defines 'default'.",
        "  fix: Write 'default'.",
    )


def test_many_problems_are_counted_and_told_one_after_another() -> None:
    assert error_text.error_lines(Problems([_NETWORK, _AZ])) == (
        "2 problems, nothing was created:",
        "",
        *error_text.error_lines(_NETWORK),
        "",
        "manifest.yml:12:3: unknown-az: There is no AZ 'z9'.",
    )


def test_a_failed_action_shows_its_last_lines_and_what_was_being_done() -> None:
    error = ActionFailedError("script-failed", "pre-start of 'web' failed.", output="one\ntwo\n")
    error.while_("run script for web/0")
    assert error_text.error_lines(Failures([error])) == (
        "script-failed: pre-start of 'web' failed.",
        "  while run script for web/0",
        "  output:",
        "    | one",
        "    | two",
    )


def test_a_bug_asks_to_be_reported() -> None:
    assert error_text.error_lines(Bug("bug", "compleat crashed: KeyError."))[-1] == (
        "  This is a bug in compleat: please report it with the file named above."
    )


def test_a_clouds_error_is_told_like_any_other() -> None:
    assert error_text.error_lines(CloudError("quota", "No quota.")) == ("quota: No quota.",)


def test_errors_of_several_clouds_each_name_theirs_and_those_of_one_name_none() -> None:
    errors = [CloudError("throttled", "Slower.") for _ in range(2)]
    errors[0].cloud = errors[1].cloud = "east"
    assert not any("east" in line for line in error_text.error_lines(Failures(errors)))
    errors[1].cloud = "west"
    assert error_text.error_lines(Failures(errors))[-4:] == ("  cloud: east", "", "throttled: Slower.", "  cloud: west")
