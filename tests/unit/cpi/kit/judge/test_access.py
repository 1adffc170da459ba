"""What an account lets one do, by plain facts: the end of credentials, permissions, its state."""

import pytest

from cpi.kit import judge


@pytest.mark.parametrize(
    ("left_s", "soon_s", "reported"),
    [
        (None, judge.WEEK_S, []),
        (judge.WEEK_S, judge.WEEK_S, []),
        (judge.RUN_S, judge.RUN_S, []),
        (1200.0, judge.RUN_S, [("credentials-expiring", "The AWS credentials expire in 20 minutes.", False)]),
        (3 * 86400.0, judge.WEEK_S, [("credentials-expiring", "The AWS credentials expire in 3 days.", False)]),
        (5 * 3600.0, judge.WEEK_S, [("credentials-expiring", "The AWS credentials expire in 5 hours.", False)]),
        (0.0, judge.RUN_S, [("credentials-expired", "The AWS credentials have expired.", True)]),
        (-5.0, judge.WEEK_S, [("credentials-expired", "The AWS credentials have expired.", True)]),
    ],
)
def test_credentials_that_end_within_the_run_are_a_remark_and_ended_ones_forbid(
    left_s: float | None, soon_s: float, reported: list[tuple[str, str, bool]]
) -> None:
    found = judge.expiry(left_s, cloud="AWS", soon_s=soon_s, fix="Get new ones.")
    assert [(one.code, one.what, one.is_fatal) for one in found] == reported


def test_what_is_denied_is_named_and_nothing_denied_is_no_finding() -> None:
    (found,) = judge.permissions(["a", "b"], who="ops", why="w", fix="f")
    assert (found.code, found.what) == ("permissions-missing", "ops may not call a, b.")
    assert list(judge.permissions([], who="ops", why="w", fix="f")) == []


def test_an_account_that_will_be_closed_is_a_remark_and_a_closed_one_forbids() -> None:
    reported = [judge.account("PastDue", cloud="Azure", fix="Pay.", is_fatal=fatal) for fatal in (False, True)]
    assert [(one.code, one.is_fatal, one.why) for one in reported] == [
        ("account-warned", False, "Azure reports the state PastDue."),
        ("account-disabled", True, "Azure reports the state PastDue."),
    ]
