"""Errors as data.

Takes exceptions, gives failures; what was being done is part of the words.
"""

from cpi.contract.errors import CloudError, ExplainedError, Retry, ThrottledError
from director.errors import ActionFailedError, AgentError
from director.model.tasks.entries import Failure


def describe_error(error: ExplainedError) -> Failure:
    """The error with everything it explains."""
    retry = error.retry if isinstance(error, CloudError | AgentError) else Retry.NEVER
    return Failure(
        code=error.code,
        what=": ".join((*reversed(error.doing), error.what)),
        why=error.why,
        fix=error.fix,
        retry=retry.value,
        output=error.output if isinstance(error, ActionFailedError) else "",
        after_s=error.after_s if isinstance(error, ThrottledError) else 0.0,
        cloud=error.cloud,
    )


def describe_bug(error: BaseException) -> Failure:
    """An exception that no contract allows; its text may contain secrets, so only its type and place are reported."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "an unknown place"
    return Failure(
        code="bug",
        what=f"Internal error: {type(error).__name__}.",
        why=f"It was raised at {where}.",
        fix="Please report it with this message and the run's log.",
    )
