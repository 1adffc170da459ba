"""Errors as data."""

from cpi.contract.errors import NoCapacityError, ThrottledError
from director.errors import ActionFailedError
from director.execute.failures import describe_bug, describe_error
from director.model.tasks.entries import Failure


def test_an_error_keeps_all_it_explains_and_what_was_being_done() -> None:
    error = NoCapacityError("quota", "Too many.", why="10 of 10.", fix="Ask for more.")
    error.while_("creating VM for web/0").while_("deploying app")
    assert describe_error(error) == Failure(
        code="quota",
        what="deploying app: creating VM for web/0: Too many.",
        why="10 of 10.",
        fix="Ask for more.",
        retry="never",
    )


def test_throttling_and_output_come_along() -> None:
    assert describe_error(ThrottledError("t", "Slower.", after_s=3.0)).after_s == 3.0
    assert describe_error(ActionFailedError("s", "Failed.", output="last")).output == "last"


def test_an_unexpected_exception_is_a_bug_whose_text_stays_inside() -> None:
    try:
        raise ValueError("hunter2")
    except ValueError as error:
        failure = describe_bug(error)
    assert failure.code == "bug"
    assert "hunter2" not in str(failure)
    assert "ValueError" in failure.what
    assert "test_failures.py" in failure.why
